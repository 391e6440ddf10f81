"""Survey recordings before anything is made of them: what each is like, and which are the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from symgen import __version__, limits
from symgen.audio.cutting import tracks
from symgen.audio.fingerprint import Fingerprint, alike
from symgen.audio.listing import Recordings
from symgen.audio.measures import Measures, measures
from symgen.audio.reading import blocks, info
from symgen.dataset.workers import Died, mapped
from symgen.errors import DataError, ReadError, SymgenError, counted
from symgen.evaluation.corpus_survey import outliers
from symgen.limits import Limits
from symgen.similarity.union_find import Union
from symgen.types import Array, Progress
from symgen.watch import TooSlow, within

VERSION = 1
FEW = ("level", "loudness", "spectrum")  # measures of `check`
COMPARED = ("seconds", "lufs", "centre", "tempo", "silence")  # values among which outliers are told
SLOWEST = 10.0  # times real time at which reading and measuring are given up, beside the limit

SILENT, OFFSET = 0.5, 0.01  # share of the time and mean value from which a warning is given
LOUD, SOFT = -6.0, -40.0  # LUFS


@dataclasses.dataclass(frozen=True)
class Recording:
    """One recording that was read, or why it was refused; `figures` are those of the measures."""

    id: str
    figures: dict[str, Any] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    refused: str = ""
    tracks: tuple[dict[str, Any], ...] = ()  # what a long one is cut into: name, start, seconds
    codes: Array | None = None

    def document(self) -> dict[str, Any]:
        """Return everything except the fingerprint, as JSON types."""
        facts = {"id": self.id, "warnings": list(self.warnings), "tracks": list(self.tracks)}
        return facts | ({"refused": self.refused} if self.refused else self.figures)


@dataclasses.dataclass(frozen=True)
class _Job:
    id: str
    path: Path
    names: tuple[str, ...]
    compare: bool
    longest: float | None
    limits: Limits


def look(
    found: Recordings,
    names: Sequence[str] = tuple(measures),
    compare: bool = True,
    longest: float | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> list[Recording]:
    """Read every recording once and measure it, in the order of the listing.

    `compare` takes fingerprints too. One that cannot be read, that crashes its process or that
    takes too long is refused, and the others go on. The limits in force hold for each.
    """
    most = limits.current()
    jobs = [_Job(id, path, tuple(names), compare, longest, most) for id, path in found.files]
    done = dict[str, Recording]()
    for job, made in mapped(_look, jobs, min(workers, len(jobs))):
        if isinstance(made, Died):
            reason = "reading it ended its process: out of time or memory, or a fault of a decoder"
            made = Recording(job.id, refused=reason)
        done[job.id] = made
        if progress:
            progress(len(done), len(jobs), "listening")
    return [done[job.id] for job in jobs]


def _look(job: _Job) -> Recording:
    try:
        with limits.using(job.limits):
            known = info(job.path)
            patience = job.limits.seconds + (known.seconds or job.limits.sound) / SLOWEST
            with within(patience):
                return _measured(job)
    except TooSlow:
        return Recording(job.id, refused=job.limits.beyond("seconds"))
    except ReadError as error:
        return Recording(job.id, refused=error.reason)
    except SymgenError as error:
        return Recording(job.id, refused=str(error))


def _measured(job: _Job) -> Recording:
    known, lines = info(job.path), list[str]()
    prints = [Fingerprint(Fingerprint.rate, 1)] if job.compare else []
    some = Measures(known.rate, known.channels, job.names, prints)
    for _ in some.feed(blocks(job.path, None, None, warn=lines.append)):
        pass
    figures = {
        "format": known.format,
        "rate": known.rate,
        "channels": known.channels,
        **some.result(),
    }
    parts = []
    if job.longest is not None and figures["seconds"] > job.longest:
        parts = [
            {"name": job.id + t.name.removeprefix(job.path.name), "start": t.start_s}
            | {"seconds": t.seconds}
            for t in tracks(job.path, job.longest)
        ]
    return Recording(
        job.id,
        figures,
        (*lines, *oddities(figures)),
        tracks=tuple(parts),
        codes=prints[0].codes() if prints else None,
    )


def oddities(figures: dict[str, Any]) -> list[str]:
    """Return lines on what is unusual about a recording, by its figures."""
    if figures["peak"] is None:
        return ["silent from its beginning to its end"]
    lines = []
    if figures["clipped"]:
        lines.append(f"{counted(figures['clipped'], 'place')} clipped at full scale")
    if figures["silence"] >= SILENT:
        lines.append(f"{figures['silence']:.0%} of it is silent")
    if abs(figures["offset"]) >= OFFSET:
        lines.append(f"a constant offset of {figures['offset']:.3f}: a fault of recording")
    if figures["same"]:
        lines.append(f"its {figures['channels']} channels are equal: it is mono")
    if (level := figures.get("lufs")) is not None and not SOFT <= level <= LOUD:
        lines.append(f"{level:.1f} LUFS: very {'loud' if level > LOUD else 'soft'}")
    return lines


def survey(found: Recordings, seen: Sequence[Recording]) -> dict[str, Any]:
    """Return the document of a corpus of recordings, of JSON types; DataError if none can be read.

    {"kind": "recordings", "version", "symgen", "corpus": {"name"}, "stats": see `totals`,
    "recordings": [{"id", "seconds", "lufs", ...}], "refused", "skipped": [{"name", "reason"}],
    "outliers": as in `corpus_survey`, "duplicates": [[ids], ...]}.
    """
    rows = [one.document() for one in seen if not one.refused]
    return {
        "kind": "recordings",
        "version": VERSION,
        "symgen": __version__,
        "corpus": {"name": found.name},
        "stats": totals(found, seen),
        "recordings": rows,
        "outliers": outliers(rows, COMPARED),
        "duplicates": duplicates(seen),
        "refused": [{"name": one.id, "reason": one.refused} for one in seen if one.refused],
        "skipped": [{"name": name, "reason": reason} for name, reason in found.skipped],
    }


def totals(found: Recordings, seen: Sequence[Recording]) -> dict[str, Any]:
    """Return the counts of a corpus of recordings; DataError if none can be read."""
    used = [one.figures for one in seen if not one.refused]
    if not used:
        raise DataError(
            f"{found.name}: {counted(len(seen), 'recording')}, none of which can be read; "
            "see: symgen corpus check"
        )
    seconds = sum(figures["seconds"] for figures in used)
    loud = sorted(f["lufs"] for f in used if f.get("lufs") is not None)
    silent = sum(figures["silence"] * figures["seconds"] for figures in used)
    return {
        "recordings": len(used),
        "files": len(seen),
        "refused": len(seen) - len(used),
        "hours": round(seconds / 3600, 4),
        "lufs_lowest": loud[0] if loud else None,
        "lufs_median": loud[len(loud) // 2] if loud else None,
        "lufs_highest": loud[-1] if loud else None,
        "silence": round(silent / max(seconds, 1e-9), 4),
        "clipped": sum(figures["clipped"] > 0 for figures in used),
        "rates": sorted({figures["rate"] for figures in used}),
        "tracks": sum(max(len(one.tracks), 1) for one in seen if not one.refused),
    }


def duplicates(seen: Sequence[Recording]) -> list[list[str]]:
    """Return the ids of each group of recordings that are alike."""
    known = [one for one in seen if one.codes is not None]
    union = Union[int]()
    for i, j, _ in alike([one.codes for one in known if one.codes is not None]):
        union.join(i, j)
    groups: dict[int, list[str]] = {}
    for i, one in enumerate(known):
        groups.setdefault(union.least(i), []).append(one.id)
    return [group for group in groups.values() if len(group) > 1]
