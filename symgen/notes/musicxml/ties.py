"""Joins tied notes as they are played, so that ties work over repeats and between voices."""

from __future__ import annotations

import numpy as np

from symgen.notes.musicxml.measures import TIE_IN, TIE_OUT
from symgen.types import Ints

MOST_OPEN = 64  # ties of one pitch that are open at once


def joined(begin: Ints, end: Ints, pitch: Ints, ties: Ints, voice: Ints, slack: int) -> Ints:
    """Return the ends of the notes of one part; a note that another continues ends with it.

    The end of a note that continues another is -1. A tie leads from a note that starts one to the
    next note of its pitch that stops one, of the same voice if there is one, else of any. Up to
    `slack` units may lie between them, for measures whose voices do not fill them exactly.
    """
    ends = end.copy()
    tied = np.flatnonzero(ties)
    if not len(tied):
        return ends
    order = tied[np.argsort(begin[tied], kind="stable")].tolist()
    open_: dict[int, list[int]] = {}  # pitch: notes whose tie leads on
    chosen: dict[int, int] = {}
    for i in order:
        at = int(pitch[i])
        if ties[i] & TIE_IN:
            later = [k for k in open_.get(at, ()) if ends[k] >= begin[i] - slack]  # others are over
            open_[at] = later[-MOST_OPEN:]
            waiting = [k for k in open_[at] if ends[k] <= begin[i] + slack]
            if waiting:
                head = min(waiting, key=lambda k: (abs(ends[k] - begin[i]), voice[k] != voice[i]))
                open_[at].remove(head)
                chosen[i] = head
                ends[head], ends[i] = end[i], -1
                if ties[i] & TIE_OUT:
                    open_[at].append(head)
                continue
        if ties[i] & TIE_OUT:
            open_.setdefault(at, []).append(i)
    return ends
