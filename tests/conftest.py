"""Fixtures that several rooms share."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"  # sums in one order: runs can be compared exactly

# no test is timed, random ones included; where CI is set they take the same examples every time
settings.register_profile("symgen", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ)
settings.load_profile("symgen")

ROOT = Path(__file__).parents[1]
CORPORA = Path(os.environ.get("SYMGEN_TEST_CORPORA", ROOT.parent / "shared" / "corpora"))


@pytest.fixture(scope="session")
def corpora():
    """The folder of real music that does not come with a clone."""
    if not CORPORA.is_dir():
        pytest.skip(f"real corpora are not at {CORPORA}; set SYMGEN_TEST_CORPORA to where they are")
    return CORPORA


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory):
    """A bundle of a small random network, made as training makes one."""
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    import numpy as np

    from symgen import bundle
    from symgen.encoding import encoding
    from symgen.model import Sizes, model
    enc, member = encoding("performance"), model({"name": "lstm", "layers": [{"units": 24}, {"units": 24}]})
    network = member.network(Sizes((("event", 388),)))
    rng = np.random.default_rng(0)
    network.import_weights({k: rng.normal(0, 0.3, v.shape).astype(np.float32) for k, v in network.named().items()})
    rows = rng.integers(0, 389, (64, 1)).astype(np.int32)
    logits = np.asarray(network(rows[None], None, [np.zeros((1, 24), np.float32)] * 4)[0][0])[0]
    training = {"parameters": member.parameters(Sizes((("event", 388),))), "train": {"pieces": 3, "events": 900}, "seconds": 1.5,
                "eval": {"pieces": 1, "events": 100}, "step": 7, "score": {"nats_per_event": 3.21, "events": 100}}
    test = {"event": rows, "controls": np.zeros((64, 0), np.float32), "logits.event": logits}
    return bundle.write(tmp_path_factory.mktemp("bundle") / "tiny.symgen", name="tiny", encoding=enc, model=member,
                        weights=network.export_weights(), test=test,
                        corpora=[{"name": "made", "title": "Made up", "licence": "CC0-1.0", "synthetic": True}], training=training)


@pytest.fixture
def symgen(tmp_path, monkeypatch):
    """Run the command line in an empty folder: symgen("convert", ...) -> (exit code, stdout, stderr)."""
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
