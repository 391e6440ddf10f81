"""Cut a long recording into tracks at quiet places, and tell the loudness and the key of each.

python examples/recordings.py mix.mp3 [--longest 600]

The recording is read in blocks, so memory does not grow with its length.
"""

import argparse
import itertools

from symgen.audio import sounds, tracks
from symgen.audio.measures import Measures

RATE = 22_050


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording")
    parser.add_argument("--longest", type=float, default=600.0, help="seconds of a track at most")
    args = parser.parse_args(argv)
    parts = tracks(args.recording, args.longest)
    read = sounds(args.recording, parts, RATE)
    for track, pairs in itertools.groupby(read, key=lambda pair: pair[0]):
        measures = Measures(RATE, 1, ["level", "loudness", "key"])
        for _ in measures.feed(block for _, block in pairs):
            pass
        found = measures.result()
        print(f"{track.name}: {found['seconds']:.0f} s, {found['lufs']} LUFS, {found['key']}")


if __name__ == "__main__":
    main()
