"""Jumps: D.C. and D.S., up to fine or over to the coda.

The standard names the signs and leaves playing to programs (ABC 2.1, 4.14); abc2midi and abcjs pass
over them. Here they are played as scores are: each jump is taken once, after the repeats before it;
music that comes again is played without repeats, with their last endings. It ends at the fine, or
goes on at the coda. A plain D.C. or D.S. does what the signs in the tune allow, the fine first.

Where another jump follows, the fine does not end the tune yet: a dance with two trios, A (fine), B
(D.C.), C (D.C.), is played A B A C A.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symgen.notes.abc.repeats import Span, Unroll
from symgen.notes.abc.voice import Kind, Mark, Position, Voice

JUMPS = (Kind.JUMP, Kind.SEGNO, Kind.CODA, Kind.TO_CODA, Kind.FINE)
OPENS = (Kind.START, Kind.ENDING)


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
    played: list[Span] = []
    ahead, at = first.played, begin  # what is still to be played, with its repeats
    jumps = sorted((m for m in marks if m.kind is Kind.JUMP), key=lambda mark: mark.at.time)
    for jump in jumps:
        target = _target(jump, begin, marks, warn) if jump.at.time > at.time else None
        if target is None:
            continue
        fine, leave, coda = _places(jump, marks, target)
        played += _until(ahead, jump.at)
        played += _straight(target, fine or leave or jump.at, first.skipped)
        if fine and jump is jumps[-1]:
            return played
        at = coda or jump.at
        ahead = Unroll(at, end, _after(at, marks), warn).played
    return played + ahead


def _target(
    jump: Mark, begin: Position, marks: list[Mark], warn: Callable[[str], None]
) -> Position | None:
    """Return where a jump leads: the beginning, or the last segno before a D.S."""
    if not jump.part.startswith(("ds", "dal")):
        return begin
    segnos = [m.at for m in marks if m.kind is Kind.SEGNO and m.at.time < jump.at.time]
    if not segnos:
        warn("a D.S. without a segno before it is not played")
        return None
    return max(segnos, key=lambda at: at.time)


def _places(
    jump: Mark, marks: list[Mark], target: Position
) -> tuple[Position | None, Position | None, Position | None]:
    """Return the fine, or the place to leave for the coda and the coda, as the jump uses them."""
    after = [mark for mark in marks if mark.at.time > target.time]
    fine = next((mark.at for mark in after if mark.kind is Kind.FINE), None)
    if fine and not jump.part.endswith("coda"):
        return fine, None, None
    codas = [mark.at for mark in marks if mark.kind is Kind.CODA]
    leave = next((mark.at for mark in after if mark.kind is Kind.TO_CODA), None)
    if leave is None and len(codas) > 1:  # the first of two signs says where to leave
        leave = codas[0]
    if jump.part.endswith("fine") or leave is None or not codas or codas[-1].time <= leave.time:
        return None, None, None
    beyond = [at for at in codas if at.time >= jump.at.time]
    return None, leave, (beyond or codas[-1:])[0]


def _after(at: Position, marks: list[Mark]) -> list[Mark]:
    """Return the marks of what follows a place; a repeat that ends there is not among them."""
    return [mark for mark in marks if mark.at.time > at.time - (mark.kind in OPENS)]


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
