"""Jumps: D.C. and D.S., up to fine or over to the coda.

The standard names the signs and leaves playing to programs (ABC 2.1, 4.14); abc2midi and abcjs pass
over them. Here they are played as scores are: the first jump is taken once, after the repeats
before it; music that comes again is played without repeats, with their last endings. It ends at the
fine, or goes on at the coda. A plain D.C. or D.S. does what the signs in the tune allow, the fine
first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symgen.notes.abc.repeats import Span, Unroll
from symgen.notes.abc.voice import Kind, Mark, Position, Voice

JUMPS = (Kind.JUMP, Kind.SEGNO, Kind.CODA, Kind.TO_CODA, Kind.FINE)


def share(voices: Sequence[Voice]) -> None:
    """Give the signs of the first voice that has a jump to those that have no sign, by time."""
    source = next((v for v in voices if any(m.kind is Kind.JUMP for m in v.marks)), None)
    if source is None:
        return
    signs = [mark for mark in source.marks if mark.kind in JUMPS]
    for voice in voices:
        if voice is not source and not any(mark.kind in JUMPS for mark in voice.marks):
            end = voice.position()
            voice.marks += [
                mark._replace(at=voice.place(mark.at.time) if mark.at.time < end.time else end)
                for mark in signs
            ]


def follow(
    first: Unroll,
    begin: Position,
    end: Position,
    marks: list[Mark],
    warn: Callable[[str], None],
) -> list[Span]:
    """Return what is played of a voice whose repeats are `first`."""
    jumps = [mark for mark in marks if mark.kind is Kind.JUMP]
    if not jumps:
        return first.played
    jump = jumps[0]
    if len(jumps) > 1:
        warn("a second D.C. or D.S. is not played")
    target = begin
    if jump.part.startswith(("ds", "dal")):
        segno = next((mark.at for mark in marks if mark.kind is Kind.SEGNO), None)
        if segno is None or segno.time >= jump.at.time:
            warn("a D.S. without a segno before it is not played")
            return first.played
        target = segno
    before = _until(first.played, jump.at)
    fine, leave, coda = _places(jump, marks, target)
    if fine:
        return before + _straight(target, fine, first.skipped)
    if leave and coda:
        rest = [mark for mark in marks if mark.at.time >= coda.time]
        last = Unroll(coda, end, rest, warn).played
        return before + _straight(target, leave, first.skipped) + last
    opens = (Kind.START, Kind.ENDING)
    after = [mark for mark in marks if mark.at.time > jump.at.time - (mark.kind in opens)]
    return (
        before
        + _straight(target, jump.at, first.skipped)
        + Unroll(jump.at, end, after, warn).played
    )


def _places(
    jump: Mark, marks: list[Mark], target: Position
) -> tuple[Position | None, Position | None, Position | None]:
    """Return the fine, the place to leave for the coda, and the coda, if the jump uses them."""
    fine = next((m.at for m in marks if m.kind is Kind.FINE and m.at.time > target.time), None)
    codas = [m.at for m in marks if m.kind is Kind.CODA]
    leave = next((m.at for m in marks if m.kind is Kind.TO_CODA), None)
    if leave is None and len(codas) > 1:  # the first of two signs says where to leave
        leave = codas[0]
    coda = codas[-1] if codas and leave and codas[-1].time > leave.time else None
    if jump.part.endswith("coda"):
        fine = None
    elif jump.part.endswith("fine"):
        leave = None
    return fine, leave, coda


def _until(played: list[Span], at: Position) -> list[Span]:
    """Return what is played up to the last time that a place is passed."""
    for i in range(len(played) - 1, -1, -1):
        begin, end = played[i]
        if begin.time < at.time <= end.time:
            return [*played[:i], (begin, at)]
    return list(played)


def _straight(begin: Position, end: Position, skipped: list[Span]) -> list[Span]:
    """Return the spans from `begin` to `end` without the endings that are skipped."""
    out: list[Span] = []
    for low, high in sorted(skipped, key=lambda span: span[0].time):
        if begin.time <= low.time and high.time < end.time:
            out.append((begin, low))
            begin = high
    out.append((begin, end))
    return [(a, b) for a, b in out if a.time < b.time]
