"""The stand-in corpus: it is what its script makes, and the music keeps to what its page says."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symgen.notes import read

ROOT = Path(__file__).parents[1]
STANDIN = ROOT / "corpora" / "einaudi" / "standin"
FILES = sorted(STANDIN.glob("*.mid"))


@pytest.fixture(scope="module")
def pieces():
    return {path.stem: read(path) for path in FILES}


def compose(folder, *options):
    script = str(ROOT / "examples" / "compose_standin.py")
    subprocess.run(
        [sys.executable, script, str(folder), *options], check=True, capture_output=True, cwd=folder
    )
    return sorted(folder.glob("*.mid"))


def melody_onsets(sequence):
    top = sequence.notes[sequence.notes["pitch"] >= 67]
    return top["start_time"]


def test_the_script_makes_the_very_bytes_that_are_tracked(tmp_path):
    made = compose(tmp_path)
    assert [path.name for path in made] == [path.name for path in FILES]
    assert [
        path.name for path in made if path.read_bytes() != (STANDIN / path.name).read_bytes()
    ] == []


def test_a_piece_depends_on_the_seed_and_its_number_alone(tmp_path):
    (few := tmp_path / "few").mkdir()
    (other := tmp_path / "other").mkdir()
    assert [path.read_bytes() for path in compose(few, "--pieces", "2")] == [
        path.read_bytes() for path in FILES[:2]
    ]
    assert all(
        a.read_bytes() != b.read_bytes()
        for a, b in zip(compose(other, "--pieces", "2", "--seed", "7"), FILES, strict=False)
    )


def test_there_are_enough_pieces_and_they_are_small():
    assert len(FILES) >= 40
    assert sum(path.stat().st_size for path in FILES) < 1_500_000


def test_every_piece_says_that_it_is_synthetic():
    assert all(b"synthetic" in path.read_bytes() and b"CC0" in path.read_bytes() for path in FILES)
    page = (STANDIN / "README.md").read_text(encoding="utf-8")
    assert "synthetic" in page
    assert "CC0" in page
    assert f"{len(FILES)} **synthetic**" in page


def test_pieces_read_without_a_warning_and_tell_meter_key_and_tempo(pieces):
    for name, sequence in pieces.items():
        assert sequence.source.warnings == (), name
        assert (len(sequence.time_signatures), len(sequence.key_signatures)) == (1, 1), name
        assert len(np.unique(sequence.tempos["qpm"])) > 50, name
        assert bool(sequence.key_signatures["mode"][0]) == ("minor" in name or "dorian" in name)
    meters = {
        (int(s.time_signatures["numerator"][0]), int(s.time_signatures["denominator"][0]))
        for s in pieces.values()
    }
    assert meters == {(4, 4), (3, 4), (6, 8)}


def test_length_and_pace(pieces):
    for name, sequence in pieces.items():
        assert 90 <= sequence.total_time <= 180, name
        assert 3 <= len(sequence) / sequence.total_time <= 6, name


def test_dynamics(pieces):
    for name, sequence in pieces.items():
        assert len(np.unique(sequence.notes["velocity"])) > 40, name
    velocities = np.concatenate([sequence.notes["velocity"] for sequence in pieces.values()])
    assert 55 <= velocities.mean() <= 65
    assert 12 <= velocities.std() <= 15


def test_the_melody_stands_above_the_accompaniment_and_the_end_fades(pieces):
    for name, sequence in pieces.items():
        notes, start = sequence.notes, sequence.notes["start_time"] / sequence.total_time
        high, low = (
            notes["velocity"][mask].mean()
            for mask in (notes["pitch"] >= 67, (notes["pitch"] < 67) & (notes["pitch"] > 45))
        )
        assert high > low + 8, name
        loudness = [
            notes["velocity"][(start >= a) & (start < b)].mean()
            for a, b in ((0, 0.12), (0.5, 0.8), (0.9, 1))
        ]
        assert loudness[1] > loudness[0] + 8, name
        assert loudness[1] > loudness[2] + 8, name


def test_no_key_is_struck_while_it_is_down_and_every_note_is_released(pieces):
    for name, sequence in pieces.items():
        notes = np.sort(sequence.notes, order=["pitch", "start_time"])
        same = np.diff(notes["pitch"]) == 0
        assert (notes["end_time"][:-1] < notes["start_time"][1:])[same].all(), name
        assert (notes["end_time"] - notes["start_time"]).min() > 0.02, name
        assert notes["pitch"].min() >= 24, name
        assert notes["pitch"].max() <= 100, name


def test_the_pedal_changes_all_along_and_is_up_at_the_end(pieces):
    for name, sequence in pieces.items():
        pedal = sequence.control_changes[sequence.control_changes["control_number"] == 64]
        assert np.diff(pedal["time"]).max() < 20, name
        assert pedal["control_value"][-1] == 0, name
        assert pedal["time"][-1] >= sequence.notes["end_time"].max(), name


def test_a_piece_ends_on_its_tonic_held_after_slowing_down(pieces):
    for name, sequence in pieces.items():
        notes = sequence.notes[sequence.notes["end_time"] > sequence.notes["end_time"].max() - 0.2]
        assert notes["pitch"][0] % 12 == sequence.key_signatures["key"][0], name
        assert notes["end_time"][0] - notes["start_time"][0] > 3, name
        assert sequence.tempos["qpm"][-1] < 0.8 * np.median(sequence.tempos["qpm"]), name


def test_most_of_the_sound_is_in_the_key(pieces):
    scales = {
        "major": 0b101010110101,
        "minor": 0b010110101101,
        "dorian": 0b011010101101,
        "mixolydian": 0b011010110101,
    }
    for name, sequence in pieces.items():
        scale = next(bits for mode, bits in scales.items() if f"-{mode}-" in name)
        classes = (sequence.notes["pitch"] - sequence.key_signatures["key"][0]) % 12
        lengths = sequence.notes["end_time"] - sequence.notes["start_time"]
        assert lengths[(scale >> classes & 1).astype(bool)].sum() > 0.8 * lengths.sum(), name


def test_phrases_breathe(pieces):
    for name, sequence in pieces.items():
        onsets = melody_onsets(sequence)
        assert np.diff(onsets).max() > 1.2, name
        assert len(onsets) / sequence.total_time < 2.5, name


def test_no_two_pieces_are_alike(pieces):
    strings = [
        np.diff(sequence.notes["pitch"].astype(int)).astype(np.int8).tobytes()
        for sequence in pieces.values()
    ]
    grams = [{string[i : i + 12] for i in range(len(string) - 11)} for string in strings]
    shared = [len(a & b) / min(len(a), len(b)) for i, a in enumerate(grams) for b in grams[:i]]
    assert max(shared) < 0.1
    assert len({tuple(sequence.notes["pitch"].tolist()) for sequence in pieces.values()}) == len(
        pieces
    )
