"""What `symgen corpus check` and `symgen corpus stats` say of recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.cli.arguments import Duration
from symgen.cli.command import option, section
from symgen.cli.common import Out
from symgen.cli.corpus.tables import columns, grouped
from symgen.cli.options.shared import Decorator, whole_option
from symgen.errors import DataError, counted

if TYPE_CHECKING:
    from symgen.audio import Recordings
    from symgen.evaluation.recordings import Recording


def recordings_section() -> Decorator:
    """Return the options that hold for recordings."""
    return section(
        "Recordings",
        option(
            "--audio",
            is_flag=True,
            help="Take the recordings of a folder that also holds notes.",
        ),
        option(
            "--longest",
            type=Duration("seconds"),
            metavar="TIME",
            show_default="nothing is cut",
            help="Name the tracks into which longer recordings are cut at quiet places, such as "
            "10:00.",
        ),
        whole_option(
            "--workers", least=1, show_default="one per core", help="Processes that read."
        ),
    )


def are_meant(source: str, audio: bool) -> bool:
    """Return whether a source is looked at as recordings, not as notes."""
    from symgen.audio import holds_audio

    return audio or holds_audio(source)


def hint(out: Out, skipped: Sequence[tuple[str, str]]) -> None:
    """Say that recordings were left out, if there are any among other files."""
    from symgen.audio.reading import is_audio

    if count := sum(is_audio(name) for name, _ in skipped):
        out.log(f"note: {counted(count, 'recording')} left out; --audio takes those")


def check(out: Out, source: str, longest: float | None, workers: int | None) -> None:
    """Print each recording with what it holds and what is wrong with it."""
    from symgen.audio import recordings
    from symgen.evaluation.recordings import FEW, look
    from symgen.process import cores

    found = recordings(source)
    with out.track() as progress:
        seen = look(found, FEW, False, longest, workers or cores(), progress)
    document = {
        "corpus": {"name": found.name},
        "recordings": [one.document() for one in seen],
        "skipped": [{"name": name, "reason": reason} for name, reason in found.skipped],
    }
    out.result(_text(found, seen, 10**9 if out.verbose else 8), document)
    if all(one.refused for one in seen):
        raise DataError(f"{source}: nothing in it can be read")


def stats(
    out: Out,
    source: str,
    longest: float | None,
    workers: int | None,
    target: Path | None,
    force: bool,
) -> None:
    """Print the counts of a corpus of recordings; write its page or document to `target`."""
    from symgen.audio import recordings
    from symgen.evaluation.recordings import FEW, look, survey, totals
    from symgen.process import cores

    found = recordings(source)
    with out.track() as progress:
        if target is None:
            seen = look(found, FEW, False, longest, workers or cores(), progress)
        else:
            seen = look(found, longest=longest, workers=workers or cores(), progress=progress)
    facts = totals(found, seen)
    wrote = {}
    if target is not None:
        from symgen.report import write_survey

        for line in write_survey(survey(found, seen), target, force):
            out.log(line)
        wrote = {"report": target.as_posix()}
    document = {"name": found.name} | facts | wrote
    out.result("\n".join([_totals(found, facts), *wrote.values()]), document)


def _text(found: Recordings, seen: Sequence[Recording], most: int) -> str:
    rows = [_row(one) for one in seen if not one.refused]
    lines = []
    if rows:
        head = ("time", "Hz", "channels", "format", "LUFS", "peak", "silence", "recording")
        lines.append(columns([head, *rows], right=(0, 1, 2, 4, 5, 6)))
    lines += grouped("warning", [(one.id, w) for one in seen for w in one.warnings], most)
    lines += [
        f"cut: {part['name']}: from {clock(part['start'])}, {clock(part['seconds'])} long"
        for one in seen
        for part in one.tracks
    ]
    lines += [f"refused: {one.id}: {one.refused}" for one in seen if one.refused]
    lines += grouped("skipped", found.skipped, most)
    return "\n".join([*lines, _verdict(found, seen)])


def _row(one: Recording) -> tuple[object, ...]:
    f = one.figures
    return (
        clock(f["seconds"]),
        f["rate"],
        f["channels"],
        f["format"],
        "-" if f["lufs"] is None else f"{f['lufs']:.1f}",
        "-" if f["peak"] is None else f"{f['peak']:.1f}",
        f"{f['silence']:.0%}",
        one.id,
    )


def clock(seconds: float) -> str:
    """Return a time as 1:02:03, or 2:03 below an hour."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _verdict(found: Recordings, seen: Sequence[Recording]) -> str:
    used = [one for one in seen if not one.refused]
    parts = [
        f"{counted(len(seen), 'recording')}, {'all' if len(used) == len(seen) else len(used)} "
        f"usable ({clock(sum(one.figures['seconds'] for one in used))})"
    ]
    if warned := sum(bool(one.warnings) for one in used):
        parts.append(f"{warned:,} of them with warnings")
    if refused := len(seen) - len(used):
        parts.append(f"{refused:,} refused")
    if found.skipped:
        parts.append(f"{counted(len(found.skipped), 'other file')} skipped")
    return f"{found.name}: {', '.join(parts)}"


def _totals(found: Recordings, facts: dict[str, Any]) -> str:
    loud = "undefined"
    if facts["lufs_median"] is not None:
        low, middle, high = (facts[f"lufs_{key}"] for key in ("lowest", "median", "highest"))
        loud = f"{middle:.1f} LUFS, from {low:.1f} to {high:.1f}"
    rows = [
        ("recordings", f"{found.name}: {facts['recordings']:,} ({facts['refused']:,} refused)"),
        ("time", clock(3600 * facts["hours"])),
        ("tracks", f"{facts['tracks']:,}"),
        ("loudness", loud),
        ("rate", ", ".join(f"{rate:,}" for rate in facts["rates"]) + " frames per second"),
        ("silence", f"{facts['silence']:.1%} of the time"),
        ("clipping", f"in {counted(facts['clipped'], 'recording')}"),
    ]
    return columns(rows)
