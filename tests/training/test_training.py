"""Training on a readable tune: it is learned, runs resume, bad configs are named."""

import dataclasses
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from symgen import training
from symgen.bundle.bundle import Bundle
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.encodings import encoding
from symgen.errors import BadOption, DataError
from symgen.models.state import zeros
from symgen.training.loop import scores as metrics
from symgen.training.options import Training
from tests.training.scales import PERFORMANCE, scales

pytest.importorskip("keras", reason="the extra `train` is not installed")

SMALL = {
    "name": "tiny",
    "model": {"name": "lstm", "layers": [{"cell": "lstm", "units": 16}], "dropout": 0.1},
    "augment": {"transpose": 1, "stretch": [0.95, 1.0]},
    "training": {
        "batch": 4,
        "length": 12,
        "carry": 3,
        "learning_rate": 0.02,
        "warmup": 2,
        "epochs": 0,
        "steps": 24,
        "eval_every": 6,
        "patience": 0,
    },
}
LAYERS = [{"cell": "lstm", "units": 16}, {"cell": "gru", "units": 12}]
MIXED = {**SMALL, "model": {**SMALL["model"], "layers": LAYERS}}


@pytest.fixture
def data(tmp_path):
    return scales(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of SMALL to its end. Tests only read it; those that resume it take a copy."""
    folder = tmp_path_factory.mktemp("finished")
    return training.train(SMALL, scales(folder), out=folder)


@pytest.fixture
def finished_copy(finished, tmp_path):
    return Path(shutil.copytree(finished.path, tmp_path / "copy" / finished.path.name))


def changed(**training_options):
    return {**SMALL, "training": {**SMALL["training"], **training_options}}


def same_weights(one, other):
    ours, theirs = (Bundle.open(run.best).weights() for run in (one, other))
    return all(np.array_equal(ours[k], theirs[k]) for k in theirs)


def stopping(error, step):
    """Return a watcher that raises `error` at a step."""

    def watch(status):
        if status.step == step:
            raise error

    return watch


def test_a_tune_is_learned(data, tmp_path):
    run = training.train(
        {**SMALL, "model": {"name": "lstm", "layers": [{"units": 48}]}},
        data,
        out=tmp_path,
        overrides=[
            "training.steps=150",
            "training.eval_every=50",
            "training.length=48",
            "training.learning_rate=0.03",
        ],
    )
    last = run.journal[-1]
    assert (
        last["nats_per_event"]
        < 1.6
        < 2.5
        < metrics.unigram_nats(data.split("train"), data.split("eval"))
    )
    assert last["accuracy"] > 0.4
    assert last["perplexity"] == pytest.approx(np.exp(last["nats_per_event"]), rel=1e-5)
    assert [line["step"] for line in run.journal] == [50, 100, 150]


def test_scores_do_not_depend_on_how_the_pieces_are_cut(data, tmp_path):
    """The nats do not depend on the window or the lanes, and equal those of one long pass."""
    from symgen.models import Sizes, model
    from symgen.training.loop import backend

    member, sizes, split = model(SMALL["model"]), Sizes((("event", 388),)), data.split("eval")
    _, scorer, network = backend.build(member, sizes, Training(batch=2))
    scores = [
        metrics.score(scorer, member.state_specs(), split, rows, length)
        for rows, length in ((1, 7), (2, 16), (5, 200))
    ]
    whole = 0.0
    for i in range(len(split)):
        events = split.events(i)
        inputs = np.concatenate([[[388]], events[:-1]]).astype(np.int32)
        logits = np.asarray(network(inputs[None], None, zeros(member.state_specs(), 1))[0][0])[0]
        whole += (
            np.log(np.exp(logits).sum(-1)) - logits[np.arange(len(events)), events[:, 0]]
        ).sum()
    for each in scores:
        assert each.nats_per_event == pytest.approx(whole / split.total, abs=1e-5)
    notes = sum(40 if i == "e0" else 25 for i in split.ids)
    assert scores[0].nats_per_note == pytest.approx(whole / notes, rel=1e-5)
    assert scores[0].nats_per_second == pytest.approx(whole / (notes * 0.25), rel=1e-5)


class Stop(BaseException):
    """Stands for kill -9: nothing is saved or deleted on the way out."""


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(data, tmp_path):
    """Killed before the first checkpoint, then stopped, then killed after an evaluation."""
    whole = training.train(MIXED, data, out=tmp_path / "whole")
    with pytest.raises(Stop):
        training.train(MIXED, data, out=tmp_path / "cut", watch=stopping(Stop, 3))
    path = tmp_path / "cut" / "tiny"
    for error, step in ((KeyboardInterrupt, 9), (Stop, 15)):
        with pytest.raises(error):
            training.resume(path, data=data, watch=stopping(error, step))
    resumed = training.resume(path, data=data)
    journals = [run.path.joinpath("journal.jsonl").read_bytes() for run in (resumed, whole)]
    assert journals[0] == journals[1]
    assert same_weights(resumed, whole)


@pytest.fixture
def usual_signals():
    """The handlers of a foreground program; a background program ignores Ctrl-C."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("usual_signals")
def test_ctrl_c_waits_for_what_is_under_way(data, tmp_path, monkeypatch, finished):
    """Whenever the signal comes, the checkpoint holds whole steps, and the run resumes there."""
    from symgen.training.loop.loop import Loop

    def stopped_by(number, place, at, start):
        real = getattr(Loop, place)

        def struck(self, *arguments):
            done = real(self, *arguments)
            if self.progress.step == at:
                signal.raise_signal(number)
            return done

        with monkeypatch.context() as patched:
            patched.setattr(Loop, place, struck)
            with pytest.raises(KeyboardInterrupt):
                start()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        return training.Run(path).progress.step

    def begin():
        return training.train(SMALL, data, out=path.parent)

    def resume():
        return training.resume(path, data=data)

    path = tmp_path / "tiny"
    assert stopped_by(signal.SIGINT, "_train", 8, begin) == 9
    assert stopped_by(signal.SIGINT, "_evaluate", 12, resume) == 12
    assert stopped_by(signal.SIGTERM, "_train", 14, resume) == 15
    assert resume().journal == finished.journal


def test_a_checkpoint_that_cannot_be_used_is_named(data, finished_copy):
    run = training.Run(finished_copy)
    path, config = run.path / "checkpoints" / "last.npz", run.path / "config.toml"
    assert "units = 16" in config.read_text()
    config.write_text(config.read_text().replace("units = 16", "units = 17"))
    with pytest.raises(DataError, match="not of the model"):
        training.resume(run.path, data=data)
    for broken in (b"", b"nonsense", path.read_bytes()[:2000]):
        path.write_bytes(broken)
        with pytest.raises(DataError, match=r"last\.npz: cannot be read"):
            training.resume(run.path, data=data)


def test_a_journal_that_was_lost_does_not_come_back_as_zeros(tmp_path):
    from symgen.training.loop import journal

    journal.Journal(tmp_path, 100).close()
    assert (tmp_path / journal.NAME).read_bytes() == b""


def test_any_seed_can_be_used(data, tmp_path):
    assert training.train(changed(steps=1, seed=2**40), data, out=tmp_path).journal


def test_runs_that_start_at_once_get_folders_of_their_own(data, tmp_path, monkeypatch):
    from symgen.training import run as runs

    build, inner = runs.make_loop, []

    def slow(*arguments):
        loop = build(*arguments)
        if not inner:
            inner.append(None)
            inner[0] = training.train(changed(steps=1), data, out=tmp_path)
        return loop

    monkeypatch.setattr(runs, "make_loop", slow)
    outer = training.train(changed(steps=1), data, out=tmp_path)
    assert outer.path != inner[0].path


def test_a_run_keeps_every_option_so_that_another_version_goes_on_alike(data, tmp_path):
    run = training.train(
        {"name": "bare", "training": {**SMALL["training"], "steps": 1}, "model": SMALL["model"]},
        data,
        out=tmp_path,
    )
    kept = run.config
    assert kept["training"]["clip"] == Training().clip and set(kept["training"]) == {
        f.name for f in dataclasses.fields(Training)
    }
    assert kept["encoding"] == PERFORMANCE.spec()
    assert kept["augment"] == Augment().table()
    assert Bundle.open(run.path).info["training"]["config"] == kept


@pytest.mark.parametrize("name", ["../out", "a/b", "a\\b", "..", "a\x1b[2J"])
def test_a_run_is_a_folder_of_its_own_name(data, tmp_path, name):
    with pytest.raises(BadOption, match="cannot name a run"):
        training.train(SMALL, data, out=tmp_path / "runs", name=name)
    with pytest.raises(BadOption, match="cannot name a run"):
        training.train({**SMALL, "name": name}, data, out=tmp_path / "runs")
    assert not list(tmp_path.iterdir())


def test_an_interrupted_run_says_how_to_go_on(data, tmp_path):
    messages, stop = [], stopping(KeyboardInterrupt, 1)
    with pytest.raises(KeyboardInterrupt):
        training.train(SMALL, data, out=tmp_path, watch=stop, log=messages.append)
    assert messages[-1].endswith(f"resume it with: symgen train --resume {tmp_path / 'tiny'}")


def test_resuming_a_finished_run_says_so(data, finished_copy):
    messages = []
    training.resume(finished_copy, data=data, log=messages.append)
    assert "has ended: the last step" in messages[-1]


def test_the_best_bundle_is_that_of_the_best_line(finished):
    info = Bundle.open(finished.best).info
    best = min(finished.journal, key=lambda line: line["nats_per_event"])
    assert info["training"]["step"] == best["step"] == finished.progress.best_step
    assert info["training"]["score"]["nats_per_event"] == best["nats_per_event"]
    assert info["corpora"] == [{"name": "scales", "licence": "CC0-1.0"}]


def test_evaluations_score_a_part_and_the_end_scores_all(data, tmp_path, finished):
    messages = []
    part = training.train(
        changed(eval_events=130, patience=0), data, out=tmp_path, name="part", log=messages.append
    )
    at = {line["step"]: line for line in finished.journal}
    best = Bundle.open(part.best).info["training"]
    assert "on 1 of 2 held-out pieces" in messages[0] and any(
        "on all 2 held-out pieces" in line for line in messages
    )
    assert best["scored"] == data.split("eval").total
    assert [line["nats_per_event"] for line in part.journal] != [
        line["nats_per_event"] for line in finished.journal
    ]
    assert (
        best["score"]["nats_per_event"]
        == at[best["step"]]["nats_per_event"]
        == pytest.approx(best["gap"]["held_out"], abs=0.5)
    )


def test_a_run_that_was_stopped_says_of_how_much_its_score_is(data, tmp_path):
    from symgen.bundle.describe import describe

    def stop(status):
        if status.step > 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(changed(eval_events=130), data, out=tmp_path, watch=stop)
    info, whole = Bundle.open(tmp_path / "tiny").record, data.split("eval").total
    scored = info.training.scored
    assert 0 < scored < whole
    assert f"{whole:,} events; the score is of {scored:,} of them" in describe(info)


@pytest.mark.slow
def test_the_precision_that_suits_the_processor_is_found_and_kept(data, tmp_path, monkeypatch):
    from symgen.models import model
    from symgen.training.loop import backend

    assert backend.LARGE >= 128
    monkeypatch.setattr(backend, "LARGE", 16)  # trained below, so small
    large, small = (
        {"name": "lstm", "layers": [{"units": units}] * 2}
        for units in (backend.LARGE, backend.LARGE // 2)
    )
    for instruction, table, expected in (
        ("amx_bf16", large, "bfloat16"),
        ("", large, "float32"),
        ("amx_bf16", small, "float32"),
        ("amx_bf16", {**large, "layers": [{"cell": "gru", "units": 512}]}, "float32"),
    ):
        monkeypatch.setattr(
            backend.processor, "bfloat16_instruction", lambda name=instruction: name
        )
        assert backend.settled(Training(), model(table)).precision == expected
        assert backend.settled(Training(precision="float32"), model(table)).precision == "float32"
    monkeypatch.setattr(backend.processor, "bfloat16_instruction", lambda: "amx_bf16")
    messages = []
    run = training.train(
        {**changed(steps=1), "model": large}, data, out=tmp_path, log=messages.append
    )
    assert run.config["training"]["precision"] == "bfloat16" and any(
        "; bfloat16, with symgen's own lstm layers" in line for line in messages
    )
    assert any("bfloat16: the processor has amx_bf16" in line for line in messages)


def test_it_stops_when_nothing_is_gained(data, tmp_path):
    run = training.train(
        changed(learning_rate=1e-12, patience=2, eval_every=2, steps=100, schedule="constant"),
        data,
        out=tmp_path,
    )
    assert run.progress.done == "no gain in 2 evaluations"
    assert run.progress.step < 100


def test_time_is_a_budget(data, tmp_path):
    run = training.train(changed(steps=100_000), data, out=tmp_path, minutes=0.02)
    assert run.progress.done == "the time is up"
    assert run.journal[-1]["step"] == run.progress.step


def test_fine_tuning_never_ends_worse_than_it_began(data, tmp_path, finished):
    messages = []
    worse = training.train(
        changed(steps=4, eval_every=2, learning_rate=5.0, warmup=0),
        data,
        start=finished.best,
        out=tmp_path,
        name="worse",
        log=messages.append,
    )
    assert [line["step"] for line in worse.journal] == [0, 2, 4] and worse.progress.best_step == 0
    assert same_weights(worse, finished)
    assert any("nothing was gained" in line for line in messages)


@pytest.mark.slow
def test_a_fine_tuning_that_was_stopped_goes_on_exactly(data, tmp_path, finished):
    short, start, path = changed(steps=12), finished.best, tmp_path / "cut" / "tiny"
    whole = training.train(short, data, start=start, out=tmp_path / "whole")
    with pytest.raises(Stop):
        training.train(short, data, start=start, out=path.parent, watch=stopping(Stop, 3))
    with pytest.raises(KeyboardInterrupt):
        training.resume(path, data=data, watch=stopping(KeyboardInterrupt, 9))
    resumed = training.resume(path, data=data)
    assert [line["step"] for line in whole.journal] == [0, 6, 12]
    assert resumed.journal == whole.journal
    assert same_weights(resumed, whole)


def test_fine_tuning_begins_where_the_bundle_ended(data, tmp_path, finished):
    tuned = training.train(
        changed(steps=1, eval_every=1, learning_rate=1e-9),
        data,
        start=finished.best,
        out=tmp_path,
        name="tuned",
    )
    assert tuned.journal[0]["nats_per_event"] == pytest.approx(
        min(r["nats_per_event"] for r in finished.journal), abs=1e-4
    )


@pytest.mark.parametrize(
    "text", ["model.dropuot=0.3", "model.layers=[{units=8}]", "encoding.velocity_bins=0"]
)
def test_fine_tuning_takes_no_option_that_it_would_pass_over(data, tmp_path, tiny_bundle, text):
    with pytest.raises(BadOption, match=text.partition("=")[0]):
        training.train(SMALL, data, start=tiny_bundle, out=tmp_path, overrides=[text])
    with pytest.raises(BadOption, match="dropuot"):
        training.train(
            {**SMALL, "model": {"name": "lstm", "dropuot": 0.3}},
            data,
            start=tiny_bundle,
            out=tmp_path,
        )


def test_a_bundle_of_another_encoding_is_refused(data, tmp_path, finished):
    other = Dataset(tmp_path, {}, encoding("performance", velocity_bins=8), Augment())
    other._halves = data._halves
    with pytest.raises(
        DataError, match=r"has velocity_bins 8 and not 32; .*symgen train --from .*tiny FOLDER"
    ):
        training.train(SMALL, other, start=finished.path, out=tmp_path)
    with pytest.raises(
        DataError,
        match=r"make one that fits with: symgen convert SOURCE --set encoding\.velocity_bins=0$",
    ):
        training.train(
            {**SMALL, "encoding": {"name": "performance", "velocity_bins": 0}}, data, out=tmp_path
        )


@pytest.mark.slow  # the models have a faster test of bfloat16
def test_bfloat16_follows_float32(data, tmp_path):
    lines = [
        training.train(
            changed(precision=p, steps=20, eval_every=20), data, out=tmp_path, name=p
        ).journal[-1]
        for p in ("float32", "bfloat16")
    ]
    assert lines[1]["nats_per_event"] == pytest.approx(lines[0]["nats_per_event"], abs=0.05)


@pytest.mark.parametrize(
    "text",
    [
        "training.batch=0",
        "training.lr=1",
        "training.optimizer=sgd",
        "training.learning_rate=-1",
        "training.batch=1.5",
        "model.units=4",
        "augment.transpose=-1",
        "taining.batch=2",
    ],
)
def test_a_bad_config_names_the_key(data, tmp_path, text):
    with pytest.raises(
        BadOption,
        match=text.partition("=")[0].partition(".")[2 if not text.startswith("tai") else 0],
    ):
        training.train(SMALL, data, overrides=[text], out=tmp_path)
    assert not list(tmp_path.glob("tiny*"))


def test_every_shipped_config_is_sound():
    from symgen import config

    for name in config.names():
        training.Recipe.of(config.load(name))
        assert config.load(name)["about"]


def test_tensorboard_can_read_the_log(finished):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(str(finished.path / "logs"))
    log.Reload()
    assert [e.step for e in log.Scalars("nats_per_event")] == [6, 12, 18, 24]


@pytest.mark.parametrize(
    ("seconds", "messages"),
    [
        (0.11, "0.1 seconds"),
        (33, "33 seconds"),
        (90, "1.5 minutes"),
        (1020, "17 minutes"),
        (6800, "1.9 hours"),
        (360_000, "100 hours"),
        (float("inf"), "forever"),
    ],
)
def test_an_epoch_is_told_in_the_unit_that_suits_it(seconds, messages):
    from symgen.errors import span

    assert span(seconds) == messages


def test_epochs_and_steps_bound_a_run():
    options = Training(batch=4, length=10, epochs=2.5)
    assert options.total_steps(400) == 25
    assert Training(batch=4, length=10, epochs=2.5, steps=7).total_steps(400) == 7
    assert Training(batch=4, length=10, epochs=0, steps=70).total_steps(400) == 70
    with pytest.raises(BadOption, match="both 0"):
        Training(epochs=0)


def test_the_learning_rate_warms_up_and_falls():
    cosine = Training(learning_rate=1.0, warmup=10, schedule="cosine")
    rates = [cosine.rate(k, 100, 0.0, 0) for k in range(101)]
    assert (
        rates[0] == pytest.approx(0.1)
        and max(rates) == rates[9]
        and rates[100] == pytest.approx(0.1)
    )
    assert Training(learning_rate=1.0, minutes=1).rate(50, 10**6, 60.0, 0) == pytest.approx(
        0.1 * 51 / 100
    )
    assert (
        Training(learning_rate=1.0, warmup=0, schedule="plateau", drop=0.5).rate(50, 100, 0.0, 2)
        == 0.25
    )
