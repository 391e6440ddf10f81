"""Runs that count: journal, bundle, resuming, and what makes no sense said in a line."""

import json
from pathlib import Path

import numpy as np
import pytest

from symgen import training
from symgen.bundle.bundle import Bundle
from symgen.bundle.write import slim
from symgen.encodings import encoding
from symgen.errors import BadOption, DataError
from symgen.files import sha256
from symgen.training.loop import scores as metrics
from tests.training.scales import held, scales

TUNES = encoding("melody_chords", chords=("C", "F", "G7"))


@pytest.fixture
def data(tmp_path):
    """A dataset of scales, held in memory."""
    return scales(tmp_path)


def test_it_counts_and_keeps_the_best_order(data, tmp_path):
    messages = []
    run = training.train(
        "ngram", data, out=tmp_path, overrides=["model.order=4"], log=messages.append
    )
    lines, opened = run.journal, Bundle.open(run.path)
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    best = min(lines, key=lambda line: line["nats_per_event"])
    assert (
        run.progress.best == pytest.approx(best["nats_per_event"], rel=1e-6)
        and run.progress.best_step == best["step"]
    )
    assert (
        best["nats_per_event"] < metrics.unigram_nats(data.split("train"), data.split("eval")) - 2
    )
    assert lines[0]["nats_per_event"] == pytest.approx(
        metrics.unigram_nats(data.split("train"), data.split("eval")), abs=0.4
    )
    assert opened.tables().order == best["step"] and opened.player == "table" and opened.width == 0
    assert opened.info["training"]["score"]["nats_per_event"] == best["nats_per_event"]
    assert opened.info["training"]["parameters"] == sum(
        len(level.grams) for level in opened.tables().fields[0]
    )
    assert "order" in messages[-1]


def test_the_score_is_that_of_the_bundle(data, tmp_path):
    opened = Bundle.open(training.train("ngram", data, out=tmp_path).path)
    split = data.split("eval")
    probabilities = opened.tables().probabilities(split.values, split.lengths)
    assert opened.info["training"]["score"]["nats_per_event"] == pytest.approx(
        -np.log(probabilities).mean(), rel=1e-6
    )


def test_a_second_run_writes_the_same(data, tmp_path):
    one, other = (training.train("ngram", data, out=tmp_path / name) for name in "ab")
    assert (one.path / "journal.jsonl").read_bytes() == (other.path / "journal.jsonl").read_bytes()
    assert all(sha256(r.best) and r.progress.done for r in (one, other))
    assert Bundle.open(one.path).info["checksums"] == Bundle.open(other.path).info["checksums"]


def test_it_takes_the_encoding_of_the_data(tmp_path):
    rng = np.random.default_rng(0)
    tunes = [
        np.stack([rng.integers(0, f.size, 40) for f in TUNES.fields], 1).astype(np.int32)
        for _ in range(6)
    ]
    run = training.train("ngram", held(tmp_path, TUNES, tunes[:5], tunes[5:]), out=tmp_path)
    opened = Bundle.open(run.path)
    assert opened.encoding == TUNES and set(run.journal[-1]["fields"]) == {"melody", "chord"}
    with pytest.raises(DataError, match="does not fit"):
        training.train(
            {"name": "x", "encoding": {"name": "performance"}, "model": {"name": "ngram"}},
            held(tmp_path, TUNES, tunes[:5], tunes[5:]),
            out=tmp_path,
        )


def test_a_run_that_ended_is_not_counted_again_and_one_that_was_stopped_is(data, tmp_path):
    run, messages = training.train("ngram", data, out=tmp_path), []
    before = run.best.stat().st_mtime_ns
    training.resume(run.path, data=data, log=messages.append)
    assert (
        run.best.stat().st_mtime_ns == before and "has ended: all orders are counted" in messages[0]
    )
    (run.path / "checkpoints" / "last.npz").unlink()
    lines = run.journal
    training.resume(run.path, data=data)
    assert run.journal == lines and run.best.stat().st_mtime_ns != before


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (
            {"overrides": ["training.minutes=3"]},
            r"training\.minutes: the model ngram is counted, not trained in steps, and takes no "
            r"\[training\]",
        ),
        (
            {"overrides": ["training.seed=1", "training.batch=2"]},
            r"training\.seed, training\.batch",
        ),
        ({"overrides": ["augment.transpose=1"]}, r"augment\.transpose"),
        ({"overrides": ["model.layers=3"]}, "layers"),
    ],
)
def test_what_makes_no_sense_is_said(data, tmp_path, options, messages):
    with pytest.raises(BadOption, match=messages):
        training.train("ngram", data, out=tmp_path / "runs", **options)
    assert not (tmp_path / "runs").exists()


def test_a_budget_of_time_is_kept_anyway(data, tmp_path):
    assert training.train("ngram", data, out=tmp_path / "runs", minutes=3).best.is_file()


def test_counts_have_no_precision(data, tmp_path):
    made = Bundle.open(training.train("ngram", data, out=tmp_path / "runs").best)
    with pytest.raises(BadOption, match="played from counts, which have no precision"):
        made.played_in("int8")


def test_nothing_begins_from_it_and_it_begins_from_nothing(data, tmp_path, tiny_bundle):
    run = training.train("ngram", data, out=tmp_path)
    for config in ("perf_small", "ngram"):
        with pytest.raises(BadOption, match="ngram models cannot be fine-tuned; remove --from"):
            training.train(config, data, start=run.best, out=tmp_path)
    with pytest.raises(BadOption, match="begins from nothing"):
        training.train("ngram", data, start=tiny_bundle, out=tmp_path)
    with pytest.raises(DataError, match="nothing in it is only for training"):
        slim(Bundle.open(run.path), tmp_path / "slim.symgen")


def test_a_table_that_is_damaged_inside_is_refused(data, tmp_path):
    import hashlib
    import zipfile

    from symgen.files import npz

    run = training.train("ngram", data, out=tmp_path)
    opened, path = Bundle.open(run.path), Path(tmp_path / "x.symgen")
    arrays = npz({"0.0.used": np.arange(3)})
    info = {**opened.info, "checksums": {"tables.npz": hashlib.sha256(arrays).hexdigest()}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bundle.json", json.dumps(info))
        archive.writestr("tables.npz", arrays)
    with pytest.raises(DataError, match=r"tables\.npz cannot be used: there is no 0\.0\.oldest"):
        Bundle.open(path).tables()
