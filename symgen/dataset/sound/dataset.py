"""A dataset of sound: shards of raw bytes, of which only what is wanted is read.

A shard holds tracks of one recording, end to end, `[samples, fields]` of uint8. It is mapped into
memory, and MAPPED shards are at most: a crop costs what it holds, however large the corpus. Opening
a dataset checks the sizes of the shards, and `Dataset.check` their checksums.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.rows import Array, Rows
from symgen.dataset.sound import NOTHING, summary
from symgen.dataset.store.manifest import SplitName
from symgen.encodings import Codec
from symgen.errors import BadOption, DataError

MAPPED = 64  # shards that are mapped at a time; each keeps a file open
CHUNK = 1 << 22  # values that are counted together
EXCERPT = 16_384  # samples of a part that `share` takes; most of what a sample depends on is nearer


class Track(NamedTuple):
    """Samples `start` to `start + length` of the shard at `path`."""

    path: Path
    start: int
    length: int


class SoundRows(Rows):
    """The tracks of a split, in the order of their ids."""

    def __init__(self, codec: Codec, contexts: Sequence[dict[str, Any]], tracks: Sequence[Track]):
        super().__init__(codec, contexts, [track.length for track in tracks])
        self.tracks = list(tracks)

    def part(self, i: int) -> Array:
        """Return uint8 `[samples, fields]`, mapped from the disk."""
        track = self.tracks[i]
        return _mapped(track.path, len(self.codec.fields))[track.start : track.start + track.length]

    @functools.cached_property
    def spans(self) -> npt.NDArray[np.int64]:
        """Return 127 and 0 for each track: none has notes."""
        return np.tile(np.array([127, 0]), (len(self), 1))

    def share(self, events: int, seed: int = 0) -> SoundRows:
        """Return excerpts of about EXCERPT samples, evenly spread, of about `events` samples.

        Where each lies in its stretch is random. All is returned where there is not more.
        """
        if self.total <= events:
            return self
        count = max(math.ceil(events / EXCERPT), 1)
        length = min(max(events // count, 1), int(self.lengths.min()))
        rng = np.random.default_rng([seed, 7])
        at = ((np.arange(count) + rng.random(count)) * self.total / count).astype(np.int64)
        contexts, tracks = list[dict[str, Any]](), list[Track]()
        for place in at.tolist():
            i = int(np.searchsorted(self.ends, place, side="right"))
            whole = self.tracks[i]
            inside = place - int(self.ends[i] - self.lengths[i])
            start = whole.start + min(inside, whole.length - length)
            contexts.append(self.contexts[i])
            tracks.append(Track(whole.path, start, length))
        return SoundRows(self.codec, contexts, tracks)

    def extent(self) -> tuple[int | None, float]:
        """Return None for the notes, and the seconds."""
        return None, self.total / self.codec.steps_per_second

    def counts(self, field: int) -> npt.NDArray[np.int64]:
        """Return how often each value of a field comes."""
        size = self.codec.fields[field].size
        total = np.zeros(size, np.int64)
        for i in range(len(self)):
            part = self.part(i)
            for start in range(0, len(part), CHUNK):
                total += np.bincount(part[start : start + CHUNK, field], minlength=size)
        return total

    def unigram(self, held_out: Rows) -> dict[str, float]:
        """Return for each field the nats of a value of `held_out`; see Rows."""
        assert isinstance(held_out, SoundRows)
        nats = {}
        for k, field in enumerate(self.codec.fields):
            counts = self.counts(k) + 1.0
            found = held_out.counts(k)
            nats[field.name] = float(-(found @ np.log(counts / counts.sum())) / found.sum())
        return nats


@functools.lru_cache(MAPPED)
def _mapped(path: Path, fields: int) -> Array:
    try:
        return np.memmap(path, np.uint8, "r").reshape(-1, fields)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}; convert again") from None


class SoundDataset(Dataset):
    """A dataset folder of sound."""

    kind: ClassVar[str] = "sound"

    def _read(self, name: SplitName) -> Rows:
        fields = len(self.codec.fields)
        shards = {s["name"]: s for s in self.info["shards"] if s["half"] == name}
        contexts, tracks = list[dict[str, Any]](), list[Track]()
        for row in self.info["pieces"]:
            if row["half"] != name:
                continue
            shard, start, length = shards.get(row.get("shard")), row.get("at"), row["events"]
            good = isinstance(start, int) and start >= 0 and length > 0
            if shard is None or not good or (start + length) * fields > shard["bytes"]:
                raise DataError(f"{self.path}: {row['id']!r:.60} lies in no shard; convert again")
            contexts.append({"id": row["id"]})
            tracks.append(Track(self.path / shard["name"], start, length))
        return SoundRows(self.codec, contexts, tracks)

    def summary(self) -> str:
        """Return in words what was read, what each split holds, and every loss."""
        return summary.text(self.info)

    def augmented(self, given: Augment | None) -> Augment:
        """Return that nothing is augmented; BadOption where that is requested."""
        if given is not None and given != NOTHING:
            raise BadOption(
                "[augment] is of notes: sound is neither transposed nor stretched; leave it out"
            )
        return NOTHING
