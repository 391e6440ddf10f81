"""Playlists: many pieces and recordings at one loudness, as single files and as one long file.

Each entry is measured (`symgen.audio.measures.loudness`) and brought to the same loudness by one
gain. Where its true peaks would exceed LIMIT, a limiter holds them, by at most MOST decibels: an
entry with higher peaks stays softer, which is told. In the long file the entries follow each other
with cross-fades, without the silence at their ends. Memory does not grow with their length.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from symgen import files
from symgen.audio.measures.loudness import Loudness
from symgen.checks import names_a_file, number, one_of
from symgen.errors import BadOption, DataError, SymgenError, printable
from symgen.rendering import SOUNDS, audio, synthesiser
from symgen.rendering.base import Block, Progress
from symgen.rendering.playlist.limiter import LIMIT, limited
from symgen.rendering.playlist.mixing import Mixer
from symgen.rendering.playlist.sources import Sound, Source, opened

LOUDNESS, CROSSFADE = -16.0, 3.0
QUIETEST, LOUDEST = -40.0, -8.0  # LUFS that may be asked for
MOST = 6.0  # dB by which peaks are limited

__all__ = ["CROSSFADE", "LOUDNESS", "Entry", "Playlist", "Source", "make"]


@dataclasses.dataclass(frozen=True)
class Entry:
    """One track: `begin` in the long file and `seconds` in its own; loudness before and after."""

    path: Path
    title: str
    begin: float
    seconds: float
    lufs_before: float | None
    lufs: float | None
    gain: float  # dB


@dataclasses.dataclass(frozen=True)
class Playlist:
    """What was written: the tracks, the long file, the list, and what could not be used."""

    entries: list[Entry]
    mix: Path
    m3u: Path
    seconds: float
    failed: list[tuple[str, str]]


def make(
    sources: Sequence[Source],
    folder: str | os.PathLike[str],
    *,
    suffix: str = ".wav",
    rate: int = 44100,
    loudness: float = LOUDNESS,
    crossfade: float = CROSSFADE,
    synth: str | None = None,
    soundfont: str | os.PathLike[str] | None = None,
    force: bool = False,
    progress: Progress | None = None,
    warn: Callable[[str], None] = lambda line: None,
) -> Playlist:
    """Write the tracks 01-NAME, 02-NAME, ..., the long file and its list into `folder`.

    `loudness` is in LUFS, `crossfade` in seconds (0 for none). An entry that cannot be used is left
    out, and named in `failed`. Raises BadOption for a bad option, Exists where a file is there and
    `force` is off, and DataError where no entry can be used.
    """
    place = Path(folder)
    number("loudness", loudness, QUIETEST, LOUDEST, unit="LUFS")
    number("crossfade", crossfade, 0, 60, unit="seconds")
    one_of("format", suffix, SOUNDS)
    audio.check(suffix, rate)
    if not sources:
        raise BadOption("a playlist needs at least one entry")
    paths = [place / f"{i:02d}-{_stem(s.title)}{suffix}" for i, s in enumerate(sources, 1)]
    mix, listed = place / f"playlist{suffix}", place / "playlist.m3u8"
    for path in (*paths, mix, listed):
        files.refuse_overwrite(path, force)
    player = synthesiser(synth, soundfont)[1]
    files.make_folder(place)
    made = _Making(rate, loudness, Mixer(round(crossfade * rate)), force)
    failed = list[tuple[str, str]]()
    with files.atomic(mix, "w+b", force) as file, audio.encoder(file, suffix, rate) as put:
        for i, (source, path) in enumerate(zip(sources, paths, strict=True)):
            if progress:
                progress(i, len(sources), source.title)

            def tell(line: str, title: str = source.title) -> None:
                warn(f"{title}: {line}")

            try:
                with opened(source, player, rate, place, tell) as sound:
                    made.track(source.title, path, sound, put, tell)
            except (SymgenError, OSError) as error:
                if isinstance(error, BadOption):
                    raise
                failed.append((source.title, str(error)))
        if not made.entries:
            raise DataError(f"no entry of the playlist can be used: {failed[0][1]}")
        for block in made.mixer.end():
            put(block)
    _write_list(listed, made.entries, force)
    return Playlist(made.entries, mix, listed, made.mixer.at / rate, failed)


@dataclasses.dataclass
class _Making:
    """A playlist in progress."""

    rate: int
    loudness: float
    mixer: Mixer
    force: bool
    entries: list[Entry] = dataclasses.field(default_factory=list)

    def track(
        self,
        title: str,
        path: Path,
        sound: Sound,
        put: Callable[[Block], None],
        warn: Callable[[str], None],
    ) -> None:
        """Write one track, and meanwhile what it adds to the long file."""
        gain = self._gain(sound, warn)
        after = Loudness(self.rate, 2)
        with (
            files.atomic(path, "w+b", self.force) as file,
            audio.encoder(file, path.suffix.lower(), self.rate) as own,
        ):

            def written() -> Iterator[Block]:
                for block in self._matched(sound, gain):
                    after.feed(block)
                    own(block)
                    yield block

            inside = _trimmed(written(), sound.lead, sound.frames - sound.tail)
            for block in self.mixer.add(inside, sound.frames - sound.lead - sound.tail):
                put(block)
        lufs = after.integrated()
        self.entries.append(
            Entry(
                path,
                title,
                self.mixer.begins[-1] / self.rate,
                sound.frames / self.rate,
                None if sound.lufs is None else round(sound.lufs, 2),
                None if lufs is None else round(lufs, 2),
                round(20 * math.log10(gain), 2),
            )
        )

    def _gain(self, sound: Sound, warn: Callable[[str], None]) -> float:
        """Return the factor that brings the sound to the loudness, as far as its peaks let it."""
        room = LIMIT - 20 * math.log10(sound.peak)
        wanted = room if sound.lufs is None else self.loudness - sound.lufs
        if wanted > room + MOST:
            warn(
                f"stays {wanted - room - MOST:.1f} LU below {self.loudness:g} LUFS, because of "
                f"its peaks; --loudness {self.loudness - wanted + room + MOST:.0f} has room for it"
            )
        return float(10 ** (min(wanted, room + MOST) / 20))

    def _matched(self, sound: Sound, gain: float) -> Iterator[Block]:
        return limited((block * np.float32(gain) for block in sound.blocks()), self.rate)


def _trimmed(blocks: Iterable[Block], begin: int, end: int) -> Iterator[Block]:
    """Yield the frames from `begin` to `end`; all blocks are taken."""
    at = 0
    for block in blocks:
        part = block[max(begin - at, 0) : max(end - at, 0)]
        at += len(block)
        if len(part):
            yield part


def _stem(title: str) -> str:
    """Return a title as a part of a file's name."""
    stem = "".join("-" if c in '/\\:*?"<>|#' else c for c in title).strip(". ")[:100]
    return stem if names_a_file(stem) else "track"


def _write_list(path: Path, entries: Sequence[Entry], force: bool) -> None:
    lines = ["#EXTM3U"]
    for entry in entries:
        lines += [f"#EXTINF:{round(entry.seconds)},{printable(entry.title)}", entry.path.name]
    with files.atomic(path, "w", force) as file:
        file.write("\n".join(lines) + "\n")
