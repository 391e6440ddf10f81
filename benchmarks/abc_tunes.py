"""Converting ABC: `symgen convert` on all of Nottingham, music21 and note_seq on some of its tunes.

python benchmarks/abc_tunes.py [--corpora FOLDER] [--tunes 12]

The peers need the extras `score` and `interop`. Gives the mean CPU milliseconds per tune, over the
tunes that could be read, in one process. The script is not called abc.py, because that would hide
Python's own module of that name.
"""

import statistics
import time
import warnings

import convert
import measure

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


def rows(asked):
    """Yield all rows, if the music is found."""
    folder = asked.corpora / "nottingham"
    if not measure.there(folder):
        return
    books = sorted((folder / "ABC_cleaned").glob("*.abc"))
    tunes = [
        f"X:{part}".strip() + "\n"
        for book in books
        for part in book.read_text(encoding="latin-1").split("\nX:")[1:]
    ]
    texts = tunes[:: max(len(tunes) // asked.tunes, 1)][: asked.tunes]
    base = milliseconds(ours, texts)[0]
    yield "read ABC", base, "ms a tune", f"{len(texts)} tunes"
    for peer in () if asked.no_peer else (music21, note_seq):
        found = milliseconds(peer, texts)
        if found:
            yield (
                f"peer: {peer.__name__}, read ABC",
                found[0],
                "ms a tune",
                f"{measure.ratio(found[0], base)} as long; {found[1]} of {len(texts)} read",
            )
    for cores in (1,) if asked.quick else (1, 2):
        yield from convert.whole(asked, folder, "Nottingham", cores)


if __name__ == "__main__":
    asked = measure.options(__doc__, tunes=12)
    measure.run(asked, rows(asked))
