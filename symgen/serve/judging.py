"""The blind test of the page: what people made, what the models make, and the tests under way."""

from __future__ import annotations

import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from symgen.corpus import open_corpus
from symgen.corpus.piece import Piece, load
from symgen.dataset.of import recorded_dataset
from symgen.dataset.pieces import Split
from symgen.errors import BadOption, DataError, ReadError, counted, unknown
from symgen.evaluation.blind import Clip, clips, held_out, share
from symgen.sampling.model import PlayableModel
from symgen.serve.hub import Gone

MOST_TESTS = 16  # at once; of more the oldest is forgotten
MOST_PIECES = 200  # of the music by people that are read
MOST_CLIPS = 40


class Test:
    """The clips of a test, and the answers so far."""

    __test__ = False  # no test of pytest

    def __init__(self, some: list[Clip]) -> None:
        self.clips = some
        self.answers: dict[int, bool] = {}

    def clip(self, number: int) -> Clip:
        """Return a clip by its number from 0; Gone if there is none."""
        if not 0 <= number < len(self.clips):
            raise Gone(f"this test has {len(self.clips)} clips, and none of number {number}")
        return self.clips[number]

    def answer(self, number: int, generated: bool) -> dict[str, Any]:
        """Take the first answer to a clip; return what it was, and the share so far."""
        clip = self.clip(number)
        given = self.answers.setdefault(number, generated)
        right = sum(self.clips[k].generated == said for k, said in self.answers.items())
        found = share(right, len(self.answers))
        return {
            "right": given == clip.generated,
            "generated": clip.generated,
            "origin": clip.origin,
            "answers": len(self.answers),
            "correct": right,
            **found._asdict(),
        }


class Judging:
    """`splits` hold the music by people, by the name of the model that it is compared with."""

    def __init__(self, models: Mapping[str, PlayableModel], splits: Mapping[str, Split]) -> None:
        self.models, self.splits = models, splits
        self._tests = OrderedDict[str, Test]()

    def begin(self, name: str, num: int, seconds: float) -> tuple[str, Test]:
        """Return a new test and its name. BadOption or DataError where it cannot be made."""
        if not self.splits:
            raise DataError(
                "there is no music by people to compare with; start symgen serve with --real FOLDER"
            )
        name = name or next(iter(self.splits))
        if name not in self.splits:
            raise BadOption(unknown("model", name, self.splits))
        seed = secrets.randbelow(2**32)
        test = Test(clips(self.models[name], self.splits[name], num, seconds, seed))
        key = secrets.token_urlsafe(9)
        self._tests[key] = test
        if len(self._tests) > MOST_TESTS:
            self._tests.popitem(last=False)
        return key, test

    def test(self, name: str) -> Test:
        """Return a test by its name; Gone if there is none, or no longer."""
        if name not in self._tests:
            raise Gone(f"there is no test {name[:40]!r}, or no longer; begin another")
        return self._tests[name]


def splits_of(
    models: Mapping[str, PlayableModel], real: str | None, log: Callable[[str], None]
) -> dict[str, Split]:
    """Return the music of `real` in the encoding of each model.

    Without it, the held-out pieces of a model's own dataset, where that is here. DataError where
    `real` has no music.
    """
    if real is None:
        found = dict[str, Split]()
        for name, model in models.items():
            with contextlib.suppress(DataError, OSError):
                if (dataset := recorded_dataset(model)) is not None:
                    found[name] = dataset.split("eval")
        return found
    pieces = _read(real, log)
    splits = {name: held_out(pieces, model.encoding) for name, model in models.items()}
    return {name: split for name, split in splits.items() if len(split)}


def _read(source: str, log: Callable[[str], None]) -> list[tuple[str, Any]]:
    """Return (name, piece) of at most MOST_PIECES; files that cannot be read are counted."""
    corpus, out, refused = open_corpus(source), list[tuple[str, Any]](), 0
    for entry in corpus.entries():
        try:
            found = load(entry)
        except ReadError:
            refused += 1
            continue
        out += [(one.id, one.sequence) for one in found if isinstance(one, Piece)]
        if len(out) >= MOST_PIECES:
            break
    if refused:
        log(f"{source}: {counted(refused, 'file')} refused; symgen corpus check says why")
    if not out:
        raise DataError(f"{source}: no music that can be read; see symgen corpus check {source}")
    return out[:MOST_PIECES]
