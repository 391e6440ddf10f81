"""Random piano playing, sparse and dense, with pedal, from which the judges of notes learn.

Each piece is made of stretches of some seconds, in each of which one texture plays or two do: runs,
broken chords, chords, a melody over figures, trills, voices, octaves. It is no music that anyone
wants to hear, but it has what is hard to hear: repeated notes, octaves, soft notes among loud ones.
"""

import numpy as np

from symgen.notes.sequence import CONTROL_CHANGE, NOTE, NoteSequence

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 11), tuple(range(12)))
TEXTURES = {
    "run": 0.17,
    "broken": 0.2,
    "chords": 0.2,
    "melody": 0.18,
    "trill": 0.07,
    "voices": 0.13,
    "octaves": 0.05,
}
AGAIN = 0.07  # seconds before a key can be struck again


def piece(seed, seconds=60.0, programs=(0,)):
    """Return a piece that depends only on the seed."""
    rng = np.random.default_rng(seed)
    hands, pedal, time = Hands(rng), [], rng.choice([0.0, 0.3])
    while time < seconds - 1:
        end = min(time + rng.uniform(2, 9), seconds - 0.5)
        hands.stretch(time, end)
        if rng.random() < 0.7:
            pedal += pressed(rng, time, end)
        time = end + (rng.uniform(0, 1.5) if rng.random() < 0.3 else 0)
    program = rng.choice(programs)
    changes = np.zeros(len(pedal), CONTROL_CHANGE)
    pedal.sort()
    changes["time"] = [when for when, _ in pedal]
    changes["control_value"] = [value for _, value in pedal]
    changes["control_number"], changes["program"] = 64, program
    notes = playable(np.array(hands.rows), seconds)
    notes["program"] = program
    return NoteSequence(notes, control_changes=changes, total_time=seconds)


def pressed(rng, begin, end):
    """Return moves of the pedal, (time, value), from `begin` to `end`."""
    out, time, period = [], begin, rng.uniform(0.4, 3)
    while time < end:
        out.append(
            (time + rng.uniform(0, 0.15), int(rng.choice([127, 127, rng.integers(70, 127)])))
        )
        time += period * rng.uniform(0.8, 1.2)
        up = min(time, end) - rng.uniform(0, 0.05)
        out.append((up, int(rng.choice([0, 0, rng.integers(0, 50)]))))
    return out


def playable(rows, seconds):
    """Return the notes that a piano can play of rows (pitch, velocity, start, length)."""
    rows = rows[rows[:, 2] < seconds - 0.1]
    rows = rows[np.lexsort((rows[:, 2], rows[:, 0]))]
    keep, last = np.ones(len(rows), bool), {}
    for i, (pitch, _, start, _) in enumerate(rows):
        before = last.get(pitch)
        if before is not None and start - rows[before, 2] < AGAIN:
            keep[i] = False
            continue
        if before is not None:
            rows[before, 3] = min(rows[before, 3], start - 0.02 - rows[before, 2])
        last[pitch] = i
    rows = rows[keep]
    rows = rows[np.lexsort((rows[:, 0], rows[:, 2]))]
    notes = np.zeros(len(rows), NOTE)
    notes["pitch"], notes["velocity"], notes["start_time"] = rows[:, 0], rows[:, 1], rows[:, 2]
    notes["end_time"] = np.minimum(rows[:, 2] + np.maximum(rows[:, 3], 0.04), seconds)
    return notes


class Hands:
    """Two hands that play one stretch after the other; `rows` are what they played."""

    def __init__(self, rng):
        self.rng, self.rows = rng, []

    def stretch(self, begin, end):
        """Play one texture or two from `begin` to `end`."""
        rng = self.rng
        tonic, steps = rng.integers(12), SCALES[rng.choice(3, p=[0.51, 0.34, 0.15])]
        self.scale = np.array([p for p in range(21, 109) if (p - tonic) % 12 in steps])
        level, rise = rng.uniform(28, 100), rng.uniform(-20, 20)
        names, shares = zip(*TEXTURES.items(), strict=True)
        for name in rng.choice(names, rng.choice([1, 1, 2]), replace=False, p=shares):
            getattr(self, name)(begin, end, lambda t: level + rise * (t - begin) / (end - begin))

    def strike(self, time, pitch, velocity, length):
        """Add a note, a little away from where and how loud it is asked for."""
        if 21 <= pitch <= 108:
            loud = int(np.clip(velocity + self.rng.normal(0, 6), 8, 124))
            self.rows.append((pitch, loud, max(time + self.rng.normal(0, 0.006), 0.0), length))

    def chord(self, lowest, count):
        """Return `count` notes of the scale, in thirds and more, from `lowest` up."""
        place = np.searchsorted(self.scale, lowest)
        out = []
        for _ in range(count):
            if place < len(self.scale):
                out.append(self.scale[place])
            place += self.rng.choice([2, 2, 2, 3, 4])
        return out

    def run(self, begin, end, loud):
        """Play a scale that turns, with one hand or both."""
        rng, scale = self.rng, self.scale
        place = np.array([rng.integers(10, len(scale) - 6)])
        if rng.random() < 0.4:
            place = np.append(place, max(2, place[0] - rng.choice([7, 7, 9, 5, 14])))
        rate, touch, time, way = rng.uniform(3, 14), rng.uniform(0.4, 1.15), begin, 1
        while time < end:
            way = -way if rng.random() < 0.06 else way
            place = place + (way if rng.random() < 0.85 else rng.integers(-3, 4))
            place = np.clip(place, 0, len(scale) - 1)
            way = -1 if place.max() >= len(scale) - 1 else 1 if place.min() <= 0 else way
            for one in place:
                self.strike(time, scale[one], loud(time), touch / rate)
            time += 1 / rate * (1 if rng.random() < 0.95 else 2)

    def broken(self, begin, end, loud):
        """Play chords note by note, up and down."""
        rng, time = self.rng, begin
        rate, touch, count = rng.uniform(3, 15), rng.uniform(0.5, 2.5), rng.integers(4, 12)
        while time < end:
            chord = self.chord(rng.integers(30, 66), count)
            order = chord if rng.random() < 0.6 else chord[::-1]
            if rng.random() < 0.5:
                order = order + order[-2:0:-1]
            if rng.random() < 0.4:
                self.strike(time, order[0] - 12, loud(time) + 8, 1.5)
            for pitch in order:
                self.strike(time, pitch, loud(time), touch / rate)
                time += 1 / rate
                if time >= end:
                    break
            if rng.random() < 0.3:
                time += rng.uniform(0, 0.4)

    def chords(self, begin, end, loud):
        """Play chords, many of them again and again."""
        rng, time, chord = self.rng, begin, None
        rate, touch, spread = rng.uniform(0.8, 7), rng.uniform(0.3, 1), rng.uniform(0, 0.03)
        while time < end:
            if chord is None or rng.random() < 0.4:
                chord = self.chord(rng.integers(45, 76), rng.integers(2, 6))
                chord += [rng.integers(28, 50)] * (rng.random() < 0.5)
                chord += [chord[0] + 12] * (rng.random() < 0.2)
            for i, pitch in enumerate(chord):
                length = touch / rate * (1 if rng.random() < 0.9 else 2)
                self.strike(time + spread * i * rng.random(), pitch, loud(time), length)
            time += 1 / rate * rng.choice([1, 1, 1, 2, 0.5])

    def melody(self, begin, end, loud):
        """Play a melody over figures."""
        rng, scale, time = self.rng, self.scale, begin
        beat, place = rng.uniform(0.3, 0.9), rng.integers(len(scale) // 2, len(scale) - 8)
        while time < end:
            length = beat * rng.choice([0.25, 0.5, 0.5, 1, 1, 2])
            place = int(np.clip(place + rng.integers(-3, 4), len(scale) // 3, len(scale) - 3))
            self.strike(time, scale[place], loud(time) + 12, length * rng.uniform(0.6, 1.05))
            if rng.random() < 0.25:
                below = scale[max(place - rng.choice([2, 5, 7]), 0)]
                self.strike(time, below, loud(time), length * 0.9)
            time += length
        self.figures(begin, end, loud, beat / rng.choice([1, 2, 2, 3, 4]))

    def figures(self, begin, end, loud, step):
        """Play broken chords of a left hand, `step` seconds a note."""
        rng, time = self.rng, begin
        while time < end:
            chord = self.chord(rng.integers(28, 52), rng.integers(3, 6))
            for i in range(rng.choice([4, 6, 8])):
                if i == 0 or rng.random() < 0.85:
                    pitch = chord[rng.integers(len(chord))] if i else chord[0]
                    self.strike(time, pitch, loud(time) - 10, step * rng.uniform(0.7, 2))
                time += step
                if time >= end:
                    break

    def trill(self, begin, end, loud):
        """Play two notes, or one, fast."""
        rng, time = self.rng, begin
        while time < end:
            last, rate, low = time + rng.uniform(0.5, 2.5), rng.uniform(6, 14), rng.integers(45, 96)
            pair, count = (low, low + rng.choice([0, 0, 1, 2, 2, 3, 12, -12])), 0
            while time < last:
                self.strike(time, pair[count % 2], loud(time), 0.8 / rate)
                time, count = time + 1 / rate, count + 1
            time += rng.uniform(0, 1)

    def voices(self, begin, end, loud):
        """Play two to four voices, each on its own."""
        rng, scale, beat = self.rng, self.scale, self.rng.uniform(0.25, 0.8)
        for base in rng.choice(np.arange(8, len(scale) - 8), rng.integers(2, 5)):
            time, place = begin + rng.uniform(0, 0.5), base
            while time < end:
                length = beat * rng.choice([0.25, 0.5, 0.5, 1, 1.5])
                low, high = max(base - 7, 0), min(base + 7, len(scale) - 1)
                place = int(np.clip(place + rng.integers(-2, 3), low, high))
                if rng.random() < 0.92:
                    self.strike(time, scale[place], loud(time), length * rng.uniform(0.5, 1.05))
                time += length

    def octaves(self, begin, end, loud):
        """Play in octaves."""
        rng, scale, time = self.rng, self.scale, begin
        place, rate = rng.integers(4, len(scale) - 12), rng.uniform(1.5, 9)
        touch = rng.uniform(0.4, 1)
        while time < end:
            place = int(np.clip(place + rng.integers(-2, 3), 0, len(scale) - 8))
            low = scale[place]
            struck = [low, low + 12] + [low + rng.choice([7, 24, 4])] * (rng.random() < 0.2)
            for pitch in struck:
                self.strike(time, pitch, loud(time), touch / rate)
            time += 1 / rate
