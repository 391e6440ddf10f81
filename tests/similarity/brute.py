"""Copied passages by brute force: the definitions of `symgen.similarity.passages` in loops."""

import math


def spelled(rows):
    """Return [(chord, pitch)] and the times of the chords, of (pitch, start) rows."""
    times, notes = [], set()
    for pitch, start in sorted(rows, key=lambda row: row[1]):
        if not times or start - times[-1] > 0.030001:
            times.append(start)
        notes.add((len(times) - 1, pitch))
    return sorted(notes), times


def letters(rows, edges=(-1.3, -0.5, 0.5, 1.3)):
    """Return (interval, begins a chord, class of the ratio) for each note.

    The class is None unless the note is the last of its chord.
    """
    notes, times = spelled(rows)
    out = [None]
    for (before, low), (chord, pitch), after in zip(
        notes, notes[1:], [*notes[2:], (len(times), 0)], strict=False
    ):
        ratio = None
        if after[0] > chord:
            inner = 0 < chord < len(times) - 1
            octaves = (
                math.log2((times[chord + 1] - times[chord]) / (times[chord] - times[chord - 1]))
                if inner
                else 0
            )
            ratio = sum(octaves >= edge for edge in edges)
        out.append((pitch - low, chord > before, ratio))
    return out[: len(notes)]


def runs(here, there):
    """Return every maximal run as (here, there, notes)."""
    out = []
    for i in range(len(here) - 1):
        for j in range(len(there) - 1):
            if i and j and here[i] == there[j]:
                continue
            n = 0
            while (
                i + 1 + n < len(here)
                and j + 1 + n < len(there)
                and here[i + 1 + n] == there[j + 1 + n]
            ):
                n += 1
            last = (
                i + 1 + n < len(here)
                and j + 1 + n < len(there)
                and here[i + 1 + n][:2] == there[j + 1 + n][:2]
            )
            if n + last:
                out.append((i, j, 1 + n + last))
    return out


def lowered(run, here, there):
    """Return the run with the notes below its first one in the same chord that agree."""
    i, j, n = run
    while i and j and here[i][:2] == there[j][:2] and not here[i][1]:
        i, j, n = i - 1, j - 1, n + 1
    return i, j, n


def goes_on(one, other, moved, slip):
    """Tell whether the run `other` goes on where `one` ends."""
    later = all(
        one[k] < other[k] <= one[k] + one[2] + slip and other[k] + other[2] > one[k] + one[2]
        for k in (0, 1)
    )
    near = abs((other[1] - other[0]) - (one[1] - one[0])) <= slip
    return later and near and moved(other) == moved(one)


def longest(rows, pieces, seed, slip):
    """Return the length of the longest passage that `rows` shares with one of `pieces`, or 0."""
    here, notes, best = letters(rows), spelled(rows)[0], 0
    found = [(piece, letters(piece), spelled(piece)[0]) for piece in pieces]
    every = [runs(here, there) for _, there, _ in found]
    most = max((run[2] for some in every for run in some), default=0)
    for (_, there, pitches), some in zip(found, every, strict=True):
        kept = sorted(lowered(run, here, there) for run in some if run[2] >= min(seed, most))
        if most < seed:
            best = max([best, *(run[2] for run in kept)])
            continue

        def moved(run, pitches=pitches):
            return notes[run[0]][1] - pitches[run[1]][1]

        first = {}
        for run in kept:  # in the order of their beginnings: what leads to one comes before it
            first[run] = min(
                [
                    run[0],
                    *(
                        first[one]
                        for one in kept
                        if one in first and goes_on(one, run, moved, slip)
                    ),
                ]
            )
        best = max([best, *(run[0] + run[2] - begin for run, begin in first.items())])
    return best


def share(rows, pieces, length):
    """Return the fraction of stretches of `length` notes that are in a piece; None without any."""

    def stretches(rows):
        of = letters(rows)
        return [
            (*of[i + 1 : i + length - 1], of[i + length - 1][:2])
            for i in range(len(of) - length + 1)
        ]

    known, searched = {s for piece in pieces for s in stretches(piece)}, stretches(rows)
    return sum(s in known for s in searched) / len(searched) if searched else None
