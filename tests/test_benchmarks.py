"""What the benchmarks share: options, figures, memory of processes, and the page of results."""

import argparse
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def scripts(monkeypatch):
    """The modules `measure` and `run`, imported as the scripts import them."""
    monkeypatch.syspath_prepend(str(HERE))
    import measure
    import run

    yield argparse.Namespace(measure=measure, run=run)
    for name in ("measure", "run"):
        sys.modules.pop(name)


def test_the_page_names_scripts_that_exist(scripts):
    assert all((HERE / f"{part}.py").is_file() for part in scripts.run.PARTS)


@pytest.mark.parametrize("room", [HERE, HERE / "models", HERE / "results"])
def test_no_room_has_more_than_16_files(room):
    assert 0 < len([path for path in room.iterdir() if path.is_file()]) <= 16


def test_the_machine_is_described_without_its_name(scripts):
    import platform

    assert "cores" in scripts.run.machine()
    assert platform.node() not in scripts.run.machine() + scripts.run.versions()


def test_a_section_of_the_page_is_a_table_or_the_printed_text(scripts):
    rows = [
        {"row": "read", "value": 1234.4, "unit": "us", "more": "x"},
        {"row": "peer: y", "value": 0.5, "unit": "s", "more": ""},
    ]
    page = scripts.run.table("Reading", rows, "nottingham is not here", 3)
    assert "## Reading\n\nnottingham is not here\n" in page
    assert "| read | 1,234 | us | x |\n| peer: y | 0.500 | s |  |" in page
    assert "```\nplain\n```" in scripts.run.table("Plain", "plain\n", "", 3)


def test_a_script_gets_the_options_that_it_knows(scripts):
    args = argparse.Namespace(quick=True, no_peer=False, corpora=Path("music"))
    assert scripts.run.arguments("--json --quick --no-peer", args, "f") == [
        "--quick",
        "--json",
        "f",
    ]
    assert scripts.run.arguments("--corpora", args, "f") == ["--corpora", "music"]


BELOW = 'import time; x = b"x" * 60_000_000; time.sleep(0.5)'
ABOVE = f"""if 1:
    import subprocess, sys
    x = b"x" * 40_000_000
    subprocess.run([sys.executable, "-c", {BELOW!r}])"""


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="memory of other processes is read from /proc"
)
def test_a_commands_memory_is_that_of_all_its_processes(scripts):
    _, spent, peak = scripts.measure.command([sys.executable, "-c", ABOVE])
    assert 100 < peak < 200
    assert spent > 0


def test_a_command_that_fails_ends_the_benchmark(scripts):
    with pytest.raises(SystemExit, match="broken"):
        scripts.measure.command([sys.executable, "-c", "raise ValueError('broken')"])
