"""Fixtures that several folders of tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# one thread adds in one order, so that runs can be compared exactly
os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"

# a core for each worker, so that none waits for another's threads
if hasattr(os, "sched_setaffinity") and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    free = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {free[int(worker.removeprefix("gw")) % len(free)]})

# no test has a deadline; where CI is set, random tests take the same examples every time
settings.register_profile(
    "symgen",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("symgen")

ROOT = Path(__file__).parents[1]
CORPORA = Path(os.environ.get("SYMGEN_TEST_CORPORA", ROOT.parent / "shared" / "corpora"))


@pytest.fixture(scope="session")
def corpora():
    """The folder of real music, which is not in the repository."""
    if not CORPORA.is_dir():
        pytest.skip(f"real corpora are not at {CORPORA}; set SYMGEN_TEST_CORPORA to where they are")
    return CORPORA


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory):
    """A bundle of a small random network, as training writes it."""
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    import numpy as np

    from symgen.bundle import write as bundle
    from symgen.encodings import encoding
    from symgen.models import Sizes, model

    enc, member = (
        encoding("performance"),
        model({"name": "lstm", "layers": [{"units": 24}, {"units": 24}]}),
    )
    network = member.network(Sizes((("event", 388),)))
    rng = np.random.default_rng(0)
    network.import_weights(
        {k: rng.normal(0, 0.3, v.shape).astype(np.float32) for k, v in network.named().items()}
    )
    rows = rng.integers(0, 389, (64, 1)).astype(np.int32)
    logits = np.asarray(network(rows[None], None, [np.zeros((1, 24), np.float32)] * 4)[0][0])[0]
    training = {
        "parameters": member.parameters(Sizes((("event", 388),))),
        "train": {"pieces": 3, "events": 900},
        "seconds": 1.5,
        "eval": {"pieces": 1, "events": 100},
        "step": 7,
        "score": {"nats_per_event": 3.21, "events": 100},
    }
    test = {"event": rows, "controls": np.zeros((64, 0), np.float32), "logits.event": logits}
    return bundle.write(
        tmp_path_factory.mktemp("bundle") / "tiny.symgen",
        name="tiny",
        encoding=enc,
        model=member,
        weights=network.export_weights(),
        test=test,
        corpora=[{"name": "made", "title": "Made up", "licence": "CC0-1.0", "synthetic": True}],
        training=training,
    )


CHAINED_REPORT = {
    "train": {"pieces": 3, "events": 900},
    "seconds": 1.5,
    "eval": {"pieces": 1, "events": 100},
    "step": 7,
    "score": {
        "nats_per_event": 1.25,
        "fields": {
            "melody": {"nats": 0.75, "accuracy": 0.5},
            "chord": {"nats": 0.5, "accuracy": 0.9},
        },
    },
}


@pytest.fixture(scope="session")
def chained_bundle(tmp_path_factory):
    """A bundle of a random melody_chords network with a chained head and the meter control.

    Its test vector has real bars.
    """
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    import numpy as np

    from symgen.bundle import write as bundle
    from symgen.controls import compute_all, make_all, total_width
    from symgen.encodings import encoding
    from symgen.encodings.base import inputs
    from symgen.models import Sizes, model
    from symgen.models.state import zeros

    enc, controls = (
        encoding("melody_chords", chords=("C", "F", "G7")),
        make_all([{"name": "meter"}]),
    )
    sizes = Sizes(tuple(enc.fields), total_width(controls, enc))
    member = model(
        {
            "name": "lstm",
            "layers": [{"units": 24}, {"cell": "gru", "units": 20}],
            "head": "chained",
            "head_units": 37,
        }
    )
    network = member.network(sizes)
    rng = np.random.default_rng(0)
    network.import_weights(
        {k: rng.normal(0, 0.3, v.shape).astype(np.float32) for k, v in network.named().items()}
    )
    chosen = np.stack([rng.integers(0, f.size, 64) for f in enc.fields], axis=1).astype(np.int32)
    rows = inputs(enc, chosen, 0, 64)
    columns = compute_all(controls, enc, chosen, {"bars": [4, 3, 4, 40, 6, 8], "steps": 64})
    states = zeros(member.state_specs(), 1)
    logits, _ = network(rows[None], columns[None], states, chosen[None])
    test = {"event": rows, "controls": columns, "chosen": chosen} | {
        f"logits.{f.name}": np.asarray(z)[0] for f, z in zip(enc.fields, logits, strict=True)
    }
    return bundle.write(
        tmp_path_factory.mktemp("bundle") / "chained.symgen",
        name="chained",
        encoding=enc,
        model=member,
        weights=network.export_weights(),
        test=test,
        corpora=[],
        training=CHAINED_REPORT | {"parameters": member.parameters(sizes)},
        controls=controls,
    )


@pytest.fixture(scope="session")
def standin_models(tmp_path_factory, chained_bundle):
    """A folder of small random models with the names and the format of those that ship."""
    import numpy as np

    from symgen.bundle import write as bundle
    from symgen.bundle.bundle import Bundle
    from symgen.bundle.shipping import ship
    from symgen.encodings import encoding
    from symgen.encodings.base import inputs
    from symgen.models import Sizes, model

    enc, folder = encoding("notes"), tmp_path_factory.mktemp("pretrained")
    sizes = Sizes(tuple(enc.fields))
    member = model({"name": "lstm", "layers": [{"units": 16}], "head": "chained"})
    network, rng = member.network(sizes), np.random.default_rng(0)
    weights = {
        k: rng.normal(0, 0.1, v.shape).astype(np.float32) for k, v in network.named().items()
    }
    for name in ("shift_seconds", "length_seconds"):
        weights[f"head.{name}.bias"][0] = 9  # notes that follow one another
    weights["head.pitch.bias"][48:84] = 4
    network.import_weights(weights)
    chosen = np.stack([rng.integers(0, f.size, 64) for f in enc.fields], axis=1).astype(np.int32)
    rows = inputs(enc, chosen, 0, 64)
    logits, _ = network(rows[None], None, [np.zeros((1, 16), np.float32)] * 2, chosen[None])
    test = {"event": rows, "controls": np.zeros((64, 0), np.float32), "chosen": chosen} | {
        f"logits.{f.name}": np.asarray(z)[0] for f, z in zip(enc.fields, logits, strict=True)
    }
    report = {
        "parameters": 9,
        "train": {"pieces": 3, "events": 900},
        "seconds": 7200.0,
        "step": 7,
        "eval": {"pieces": 1, "events": 100},
        "machine": "a processor, 2 cores",
        "score": {"nats_per_event": 9.5, "nats_per_note": 9.5, "nats_per_second": 70.0},
    }
    corpora = [
        {"name": "pop", "title": "POP909", "licence": "MIT"},
        {"name": "classical", "title": "piano-midi.de", "licence": "CC BY-SA 3.0 DE"},
    ]
    piano = bundle.write(
        folder / "whole.symgen",
        name="run",
        encoding=enc,
        model=member,
        test=test,
        weights=network.export_weights(),
        corpora=corpora,
        training=report,
    )
    for name, path in (("piano", piano), ("folk", chained_bundle)):
        made = Bundle.open(path)
        graphs = [
            graph(made.sizes, made.weights(), "int8")
            for graph in (made.model.step_graph, made.model.head_graph)
        ]
        facts = {"cost": 0.0, "events": 64, "nats_per_event": {"float32": 1.0, "int8": 1.0}}
        whole = bundle.with_int8(made, folder / "whole.symgen", *graphs, facts, "int8")
        ship(Bundle.open(whole), folder / f"{name}.symgen", name=name)
    (folder / "whole.symgen").unlink()
    return folder


@pytest.fixture(scope="session")
def chromium():
    """A headless browser without a sound card: its sound goes nowhere, in real time.

    There is one for all tests of a process, because playwright runs one loop.
    """
    from tests.serve.page import browsing

    if not browsing.BROWSER:
        pytest.skip(f"no browser: none of {', '.join(browsing.NAMES)} is installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browsing.BROWSER, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def shipped_models(standin_models, monkeypatch):
    """Let the names piano and folk stand for small random models."""
    monkeypatch.setattr("symgen.pretrained.folder", lambda: standin_models)
    return standin_models


@pytest.fixture
def symgen(tmp_path, monkeypatch):
    """Return a function that runs the command line in an empty folder.

    symgen("convert", ...) returns (exit code, stdout, stderr).
    """
    from click.testing import CliRunner

    from symgen import cli

    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        import click

        @click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
        @click.argument("argv", nargs=-1, type=click.UNPROCESSED)
        def entry(argv):
            raise SystemExit(cli.run(list(argv)))

        result = CliRunner().invoke(entry, [str(a) for a in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return call
