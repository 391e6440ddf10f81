"""Reading ABC and MusicXML: tunes of Nottingham and songs with piano, beside music21 and note_seq.

python benchmarks/notation.py [--corpora FOLDER] [--tunes 12] [--songs 12]

The peers need the extras `score` and `interop`. Gives the mean CPU milliseconds per tune, over the
tunes that could be read, the CPU microseconds per note of a score, all in one process, and the time
of `symgen convert` on all of Nottingham. music21 reads a score as symgen did with it: parsed,
repeats expanded, tied notes joined.
"""

import statistics
import time
import warnings

import convert
import measure

import symgen
from symgen.notes import read_bytes


def ours(text):
    ((_, sequence),) = read_bytes(text.encode(), "x.abc")
    return len(sequence)


def music21(text):
    from music21 import converter

    return len(converter.parse(text, format="abc").flatten().notes)


def note_seq(text):
    from absl import logging
    from note_seq import abc_parser

    logging.set_verbosity(logging.ERROR)
    tunes, refused = abc_parser.parse_abc_tunebook(text)
    if refused:
        raise ValueError("refused")
    return len(tunes)


def milliseconds(read, texts):
    """Return the mean CPU milliseconds per tune and the number of tunes that were read.

    Returns None where the reader is not installed.
    """
    found = []
    for text in [texts[0], *texts]:
        begin = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read(text)
        except ImportError:
            return None
        except Exception:  # a peer may raise anything
            continue
        found.append(1e3 * (time.process_time() - begin))
    return (
        (statistics.mean(sorted(found)[:-1]), len(found) - 1) if len(found) > 1 else None
    )  # the slowest one includes the import


def score_by_us(path):
    return len(symgen.read(path))


def score_by_music21(path):
    from music21 import converter

    score = converter.parse(path, forceSource=True).expandRepeats()
    parts = [part.stripTies().flatten() for part in score.parts]
    return sum(len(note.pitches) for part in parts for note in part.notes)


def microseconds(read, paths):
    """Return the median, the least and the most CPU microseconds per note, over the scores."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read(paths[0])  # so that the import is not measured
        spent = []
        for path in paths:
            begin = time.process_time()
            notes = read(path)
            spent.append(1e6 * (time.process_time() - begin) / notes)
    return statistics.median(spent), min(spent), max(spent)


def scores(args):
    """Yield the rows of MusicXML, if the music is found."""
    folder = args.corpora / "scores"
    if not measure.there(folder):
        return
    paths = sorted(folder.glob("*.mxl"))
    paths = paths[:: max(len(paths) // args.songs, 1)][: 3 if args.quick else args.songs]
    base, least, most = microseconds(score_by_us, paths)
    yield "read MusicXML", base, "us a note", f"{least:.0f} to {most:.0f}; {len(paths)} songs"
    if args.no_peer:
        return
    try:
        found, least, most = microseconds(score_by_music21, paths)
    except ImportError:
        return
    more = f"{least:.0f} to {most:.0f}; {measure.ratio(found, base)} as long"
    yield "peer: music21, read MusicXML", found, "us a note", more


def rows(args):
    """Yield all rows whose music is found."""
    yield from scores(args)
    folder = args.corpora / "nottingham"
    if not measure.there(folder):
        return
    books = sorted((folder / "ABC_cleaned").glob("*.abc"))
    tunes = [
        f"X:{part}".strip() + "\n"
        for book in books
        for part in book.read_text(encoding="latin-1").split("\nX:")[1:]
    ]
    texts = tunes[:: max(len(tunes) // args.tunes, 1)][: args.tunes]
    base = milliseconds(ours, texts)[0]
    yield "read ABC", base, "ms a tune", f"{len(texts)} tunes"
    for peer in () if args.no_peer else (music21, note_seq):
        found = milliseconds(peer, texts)
        if found:
            yield (
                f"peer: {peer.__name__}, read ABC",
                found[0],
                "ms a tune",
                f"{measure.ratio(found[0], base)} as long; {found[1]} of {len(texts)} read",
            )
    for cores in (1,) if args.quick else (1, 2):
        yield from convert.whole(args, folder, "Nottingham", cores)


if __name__ == "__main__":
    args = measure.options(__doc__, tunes=12, songs=12)
    measure.run(args, rows(args))
