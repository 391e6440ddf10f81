"""Read damaged files for a while: nothing but ReadError may come of them.

python tests/fuzz/fuzz.py FORMAT [--minutes 1] [--seed 0] [FILE ...]

FORMAT is abc, mid, musicxml, mxl, sf2, symgen or tfrecord. The FILEs are what is damaged; without
any, a small file of the format. With atheris installed (it is in no extra) the damage follows what
code is reached, else it is random. What fails is written to the working folder as fuzz-HASH.FORMAT.

An input of symgen is the number of a member of a good bundle, in one byte, and other bytes for it.
"""

import argparse
import gc
import hashlib
import io
import random
import sys
import tempfile
import time
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from symgen.encodings import encoding
from symgen.errors import SymgenError
from symgen.limits import Limits, using
from symgen.notes import read_bytes
from symgen.notes.sequence import NoteSequence
from symgen.rendering.soundfont import sf2
from symgen.watch import within

NOTE = (
    "<note><pitch><step>C</step><octave>4</octave></pitch><duration>1</duration><voice>1</voice>"
    "<type>quarter</type><tie type='start'/></note>"
)
SEEDS = {
    "abc": b'X:1\nT:A\nM:6/8\nL:1/8\nQ:3/8=90\nP:AB\nK:G dor\nP:A\n|:"G"GAB c2(3def|1 [GB]2-G>A:|\n'
    b'[2 {ab}c\'!f!C,/2z Z2&A3|]\nP:B\nV:2\n^F4-|_F4|!D.C.!\ns:"A" !p!\n%%MIDI program 4\n',
    "mid": bytes.fromhex(
        "4d546864000000060001000200604d54726b0000001900ff510307a12000ff58020402"
        "00ff59020201 00ff06014300ff2f00 4d54726b0000001c00c00100b0407f00903c40"
        "10e000506000803c40 01b0400001 f0027ff700ff2f00"
    ),
    "musicxml": (
        "<score-partwise><work><work-title>A</work-title></work><part-list><score-part id='P'>"
        "<part-name>Violin</part-name></score-part></part-list><part id='P'><measure number='1'>"
        "<attributes><divisions>2</divisions><key><fifths>-2</fifths></key><time><beats>3</beats>"
        "<beat-type>4</beat-type></time><transpose><chromatic>-2</chromatic></transpose>"
        "</attributes><barline location='left'><repeat direction='forward'/></barline>"
        "<direction><direction-type><dynamics><f/></dynamics></direction-type><sound tempo='90'/>"
        f"</direction><harmony><root><root-step>C</root-step></root><kind>minor</kind></harmony>"
        f"{NOTE}{NOTE}<backup><duration>1</duration></backup>{NOTE}<barline><ending number='1' "
        "type='start'/><repeat direction='backward' times='3'/></barline></measure><measure>"
        f"{NOTE}<direction><sound dalsegno='a'/></direction></measure></part></score-partwise>"
    ).encode(),
}
WORDS = (
    b"\0",
    b"\xff",
    b"\xff\xff\xff\x7f",
    b"\x80",
    b"0",
    b"-1",
    b"999999999999",
    b"1e308",
    b"nan",
    b"inf",
)


def seed_of(kind: str) -> bytes:
    """Return a small file of a format."""
    if kind in SEEDS:
        return SEEDS[kind]
    from tests.fuzz.seeds import made

    return made(kind)


def seeds_of(kind: str) -> list[bytes]:
    """Return small files of a format; of a bundle, each of its members."""
    if kind != "symgen":
        return [seed_of(kind)]
    from tests.fuzz.seeds import MEMBERS, members

    return [bytes([i]) + members()[name] for i, name in enumerate(MEMBERS)]


def reframed_at_times(data: bytes, kind: str) -> bytes:
    """Return four of five inputs of TFRecord with right checksums, and the others as they are."""
    return reframed(data) if kind == "tfrecord" and len(data) % 5 else data


def reframed(data: bytes) -> bytes:
    """Return records with right checksums, so that what is inside them is read."""
    from symgen.tfrecord.framing import frame

    return frame(data[12:-4])


def damaged(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    """Return `data` with one to six places changed, cut, doubled or taken from another file."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out) + 1)
        end = min(at + rng.choice((1, 2, 4, 16, 200)), len(out))
        other = rng.choice(others)
        begin = rng.randrange(len(other))
        out[at:end] = rng.choice(
            (
                bytes(rng.randrange(256) for _ in range(end - at)),
                rng.choice(WORDS),
                b"",
                bytes(out[at:end]) * rng.choice((2, 3, 50)),
                other[begin : begin + rng.choice((1, 8, 100))],
                bytes(b ^ 1 << rng.randrange(8) for b in out[at : at + 1]) + out[at + 1 : end],
            )
        )
    return bytes(out)


def look(data: bytes, kind: str) -> None:
    """Read `data`, and encode what it holds; raises what nobody expected."""
    with using(Limits(notes=20_000, events=200_000)), within(10):
        try:
            if kind in ("sf2", "symgen"):
                with tempfile.NamedTemporaryFile(suffix=f".{kind}") as file:
                    file.write(bundle(data) if kind == "symgen" else data)
                    file.flush()
                    sf2.read(file.name) if kind == "sf2" else played(file.name)
                return
            for _, one in read_bytes(data or b" ", f"x.{kind}"):
                if isinstance(one, NoteSequence):
                    encoding("performance").encode(one)
                    encoding("melody_chords", chords=["C"], need_chords=False).encode(one)
        except SymgenError as error:
            if not str(error).isprintable():
                raise ValueError(f"a message that is not printable: {error!r}") from error


def bundle(data: bytes) -> bytes:
    """Return a bundle with another member, by the number that `data` begins with."""
    from tests.bundle.strangers.hostile import packed
    from tests.fuzz.seeds import BUNDLE, MEMBERS, members

    place = data[0] % (len(MEMBERS) + 1) if data else 0
    if place == len(MEMBERS):
        return data[1:] or BUNDLE.read_bytes()
    parts = members() | {MEMBERS[place]: data[1:]}
    try:
        return packed(parts)
    except (ValueError, RecursionError, AttributeError):  # bundle.json is no object any more
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in parts.items():
                archive.writestr(name, part)
        return file.getvalue()


def played(path: str) -> None:
    """Open a bundle, and make ready to play it."""
    from symgen.bundle.bundle import Bundle
    from symgen.bundle.describe import describe

    opened = Bundle.open(path)
    describe(opened.record)
    opened.open_player(threads=1)
    opened.weights()


def keep(data: bytes, kind: str, error: BaseException, seen: set[str]) -> None:
    """Write what failed to a file, once for each place in the code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code.co_filename if trace else ""
    place = f"{type(error).__name__} at {code}:{trace.tb_lineno if trace else 0}"
    if place not in seen:
        seen.add(place)
        path = Path(f"fuzz-{hashlib.sha256(data).hexdigest()[:8]}.{kind}")
        path.write_bytes(data)
        print(f"{place}: {str(error)[:200]} ({path})", flush=True)


def follow(atheris: Any, one: Callable[[bytes], None], seeds: list[bytes], asked: Any) -> None:
    """Let atheris damage the seeds by what code of symgen is reached; it ends this process."""
    for data in seeds:
        one(data)  # so that all modules are loaded
    for function in gc.get_objects():
        if isinstance(function, types.FunctionType) and str(function.__module__).startswith(
            "symgen."
        ):
            atheris.instrument_func(function)
    folder = tempfile.mkdtemp()
    for i, data in enumerate(seeds):
        (Path(folder) / str(i)).write_bytes(data)
    options = (f"-max_total_time={60 * asked.minutes:.0f}", f"-seed={asked.seed}", "-timeout=60")
    longest = f"-max_len={max(4096, 2 * max(map(len, seeds)))}"
    atheris.Setup([sys.argv[0], *options, longest, "-rss_limit_mb=4000", folder], one)
    atheris.Fuzz()


def main() -> int:
    """Run, and return 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = ("abc", "mid", "musicxml", "mxl", "sf2", "symgen", "tfrecord")
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    seeds = [path.read_bytes() for path in asked.files] or seeds_of(asked.kind)
    rng, seen, count = random.Random(asked.seed), set[str](), 0
    try:
        import atheris
    except ImportError:
        atheris = None
    end = time.monotonic() + 60 * asked.minutes

    def one(data: bytes) -> None:
        nonlocal count
        count += 1
        try:
            look(data, asked.kind)
        except Exception as error:
            keep(data, asked.kind, error, seen)
        except BaseException as error:  # too slow
            keep(data, asked.kind, error, seen)
            if isinstance(error, KeyboardInterrupt):
                raise

    if atheris is not None:
        follow(atheris, lambda data: one(reframed_at_times(data, asked.kind)), seeds, asked)
    while time.monotonic() < end:
        data = damaged(rng.choice(seeds), rng, seeds)
        one(reframed_at_times(data, asked.kind))
    print(f"{asked.kind}: {count:,} inputs, {len(seen)} places failed")
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
