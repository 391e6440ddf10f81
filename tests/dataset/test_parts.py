"""Controls of a part of a piece are, bit for bit, those of the whole piece in that part."""

import numpy as np
import pytest

from symgen.controls import compute_all, controls, make_all
from symgen.controls.base import TimelineControl
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.encodings.performance.encoding import Performance

NAMES = [name for name in controls if issubclass(controls.load(name), TimelineControl)]


def performance(seed, strikes=300):
    """Chords, long notes, rests of seconds and repeated strikes, as events."""
    rng, held, out = np.random.default_rng(seed), [], []
    for _ in range(strikes):
        if rng.random() < 0.3:
            out.append(356 + int(rng.integers(32)))
        out.append(pitch := int(rng.integers(30, 96)))
        held.append(pitch)
        if rng.random() < 0.7:
            out += [355] * int(rng.choice([0, 0, 0, 1, 6])) + [256 + int(rng.integers(100))]
        while held and rng.random() < 0.5:
            out.append(128 + held.pop(int(rng.integers(len(held)))))
    return np.array(out, np.int32)[:, None]


def tune(seed, steps=400):
    rng = np.random.default_rng(seed)
    return np.stack(
        [
            np.where(rng.random(steps) < 0.5, 0, rng.integers(0, 40, steps)),
            rng.integers(0, 3, steps),
        ],
        1,
    ).astype(np.int32)


PIECES = {
    "performance": (
        Performance(),
        performance,
        [{"id": "a"}, {"id": "b", "steps": 5000}, {"id": "c"}],
    ),
    "melody_chords": (
        encoding("melody_chords", chords=("C", "G")),
        tune,
        [{"id": "a", "qpm": 90.0}, {"id": "b"}, {"id": "c"}],
    ),
}


@pytest.mark.parametrize("kind", PIECES)
@pytest.mark.parametrize("options", [{}, {"window": 0.3}, {"window": 60}])
def test_a_part_is_told_what_the_whole_is(kind, options):
    enc, made, contexts = PIECES[kind]
    pieces = [made(1), made(2), made(3)[:1]]
    split = Split(enc, contexts, [len(p) for p in pieces], np.concatenate(pieces).astype(np.uint16))
    chosen = make_all(
        [
            {"name": n} | {k: v for k, v in options.items() if hasattr(controls.load(n), "window")}
            for n in NAMES
        ]
    )
    rng = np.random.default_rng(4)
    for i, (events, context) in enumerate(zip(pieces, contexts, strict=True)):
        for factor, semitones in ((1.0, 0), (1.0, 5), (1.3, -3)):
            if factor != 1 and (
                kind != "performance" or len(events) == 1
            ):  # tunes are not stretched
                continue
            moved = enc.transpose(enc.stretch(events, factor), semitones)
            whole = compute_all(chosen, enc, moved, context)
            starts = [0, len(moved) - 1, *rng.integers(0, len(moved), 12).tolist()]
            for start, length in zip(
                starts, rng.integers(1, 200, len(starts)).tolist(), strict=True
            ):
                part = split.control_window(chosen, i, start, start + length, factor, semitones)
                assert np.array_equal(part, whole[start : start + length])
    assert split.control_window(chosen, 0, len(pieces[0]), len(pieces[0]) + 9).shape == (
        0,
        whole.shape[1],
    )
