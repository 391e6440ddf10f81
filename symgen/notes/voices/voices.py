"""The two voices of a staff: as few ties and rests as can be, and the upper voice above.

Notes of one voice that begin together end together, and none lasts into the next one; where this
cannot be, a voice has ties. The second voice is used where it saves some.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgen.notes.voices.streams import Note, Stream, split

TIE = 3.0  # cost of a note that is cut into two tied ones
ENTER = 2.0  # cost of a second voice that was silent
ALONE = 0.8  # cost of a second voice where the first one is silent
CROSS = 2.0  # cost of notes above those of the upper voice
NEVER = 1e4  # notes of one pitch that overlap in one voice


def upper(notes: Sequence[Note]) -> list[bool]:
    """Return for each note, in order of begin, whether it is in the first, upper voice."""
    if not _overlap(notes):
        return [True] * len(notes)
    return split(notes, _cost, 0.0, 0.0)


def _overlap(notes: Sequence[Note]) -> bool:
    """Return whether notes overlap that are not one chord."""
    last: tuple[int, int] | None = None
    for begin, end, _ in notes:
        if last is not None and (begin, end) != last and begin < last[1]:
            return True
        last = begin, end
    return False


def _cost(
    now: int, low: Stream, second: tuple[Note, ...], high: Stream, first: tuple[Note, ...]
) -> float:
    total = _voice(high, first) + _voice(low, second)
    if second:
        total += ENTER * (low.end < now or low.end == float("-inf"))
        total += ALONE * (not first and not high.held)
        top = second[-1][2]
        total += CROSS * any(pitch < top for _, _, pitch in high.held)
    if first:
        bottom = first[0][2]
        total += CROSS * any(pitch > bottom for _, _, pitch in low.held)
    return total


def _voice(voice: Stream, chord: tuple[Note, ...]) -> float:
    """Return what it costs a voice to begin a chord."""
    if not chord:
        return 0.0
    total = TIE * len(voice.held) + TIE * (len({end for _, end, _ in chord}) - 1)
    pitches = [pitch for _, _, pitch in chord]
    sounding = {pitch for _, _, pitch in voice.held}
    clash = len(pitches) > len(set(pitches)) or any(pitch in sounding for pitch in pitches)
    return total + NEVER * clash
