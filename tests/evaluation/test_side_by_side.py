"""Models of the same music in two encodings, compared."""

import json

import numpy as np
import pytest

from symgen import training
from symgen.cli import run
from symgen.dataset.dataset import Dataset
from symgen.errors import BadOption, DataError
from symgen.evaluation.side_by_side import same_pieces, side_by_side, text, verdict
from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.sampling import load


def piece(seed):
    """Chords and single notes, a few per second."""
    rng, rows, time = np.random.default_rng(seed), [], 0.0
    for _ in range(60):
        pitches = rng.choice(np.arange(48, 84), int(rng.integers(1, 4)), replace=False)
        rows += [(int(p), int(rng.integers(20, 120)), time, time + 0.3) for p in pitches]
        time += float(rng.integers(1, 5)) / 10
    return NoteSequence(notes_of(sorted(rows, key=lambda r: (r[2], r[0]))))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(run folder, dataset folder) by encoding: n-grams of twenty pieces."""
    folder, out = tmp_path_factory.mktemp("side"), {}
    (folder / "music").mkdir()
    for seed in range(20):
        write(piece(seed), folder / "music" / f"{seed:02}.mid")
    for name in ("notes", "performance"):
        data = folder / name
        convert = ["convert", str(folder / "music"), "--encoding", name, "-o", str(data), "-q"]
        assert run(convert) == 0
        out[name] = training.train("ngram", data, out=folder / "runs", name=name).path, data
    return out


def test_both_are_divided_by_the_same_notes_and_seconds(made):
    models, folders = zip(*((load(run), data) for run, data in made.values()), strict=True)
    datasets = [Dataset.open(folder) for folder in folders]
    found = side_by_side(models, datasets)
    first, second = found["models"]
    nats = [
        -np.log(m.tables().probabilities(h.values, h.lengths)).sum()
        for m, h in zip(models, [d.split("eval") for d in datasets], strict=True)
    ]
    assert not found["warnings"] and found["pieces"] == len(datasets[0].split("eval")) > 1
    assert first["nats_per_note"][0] == pytest.approx(nats[0] / found["notes"], rel=1e-5)
    assert second["nats_per_second"][0] == pytest.approx(nats[1] / found["seconds"], rel=1e-5)
    more = second["nats_per_note"][0] - first["nats_per_note"][0]
    assert (
        second["more_per_note"][0] == pytest.approx(more, abs=1e-4) and "more_per_note" not in first
    )
    lines = text(found).splitlines()
    assert lines[-2].startswith("notes") and lines[-1].split()[1] == "performance"
    assert all(len(line) <= 100 for line in lines)
    best = min((first, second), key=lambda row: row["nats_per_note"][0])
    assert lines[0].startswith(f"{best['name']} is best: it takes {best['nats_per_note'][0]:.3f}")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            [0.3, 0.2, 0.4],
            "one is best: it takes 2.000 nats per note, 0.300 fewer than two (95 %: 0.200",
        ),
        ([-0.3, -0.4, -0.2], "two is best: it takes 1.700 nats per note, 0.300 fewer than one"),
        ([0.1, -0.1, 0.3], "The difference may be chance."),
    ],
)
def test_the_verdict_names_the_best_model(more, words):
    first = {"name": "one", "nats_per_note": [2.0, 1.9, 2.1]}
    second = {"name": "two", "nats_per_note": [2.0 + more[0], 0, 0], "more_per_note": more}
    assert words in verdict({"models": [first, second]})


def test_the_command_takes_several_models(made, capsys):
    runs, folders = zip(*((str(run), str(data)) for run, data in made.values()), strict=True)
    data = [part for folder in folders for part in ("--data", folder)]
    assert run(["evaluate", *runs, *data, "--json", "-q"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["encoding"] for row in document["models"]] == ["notes", "performance"]
    assert run(["evaluate", *runs, *data[:2], "-q"]) == 2
    assert "--data: 1 dataset for 2 models; name one for each" in capsys.readouterr().err
    assert run(["evaluate", *runs, "--samples", "3", "-q"]) == 2
    assert "--samples does not apply to several models" in capsys.readouterr().err
    assert run(["evaluate", runs[0], folders[0], "-q"]) == 2
    assert "is a model and" in capsys.readouterr().err
    assert run(["evaluate", *runs, *data[2:], *data[:2], "-q"]) == 1
    assert "its encoding is not that of" in capsys.readouterr().err


def test_other_pieces_held_out_are_refused(made):
    first, second = (Dataset.open(data) for _, data in made.values())
    split = second.split("eval")
    split.ids[0] = "another"
    with pytest.raises(
        DataError,
        match=r"do not hold out the same pieces: .* is held out in only one of them \(2 such",
    ):
        same_pieces(first, second)
    with pytest.raises(BadOption, match="1 models and 1 datasets"):
        side_by_side([load(made["notes"][0])], [first])
