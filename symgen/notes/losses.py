"""What a format of scores cannot hold of a piece, in lines for its user."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from symgen.errors import counted
from symgen.notes.sequence import NoteSequence


def unwritten(
    sequence: NoteSequence, held: Collection[int] = (), first: Collection[int] = ()
) -> list[str]:
    """Return a line for the control changes that are left out, and one for the pitch bends.

    `held` are the controllers that the format has; those of `first` it has until the first note of
    an instrument.
    """
    changes = sequence.control_changes
    lost = ~np.isin(changes["control_number"], list(held))
    begin = _begins(sequence)
    keys = changes[["instrument", "program", "is_drum"]].tolist()
    early = [time <= begin.get(key, 0.0) for time, key in zip(changes["time"], keys, strict=True)]
    lost &= ~(np.isin(changes["control_number"], list(first)) & np.array(early, np.bool_))
    counts = {"control change": int(lost.sum()), "pitch bend": len(sequence.pitch_bends)}
    return [f"{counted(count, what)} left out" for what, count in counts.items() if count]


def _begins(sequence: NoteSequence) -> dict[tuple[int, int, bool], float]:
    """Return the time of the first note of each instrument and program."""
    notes = sequence.notes[::-1]  # the first comes last, and counts
    keys = notes[["instrument", "program", "is_drum"]].tolist()
    return dict(zip(keys, notes["start_time"].tolist(), strict=True))
