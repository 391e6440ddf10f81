"""Every script under examples/ is run by a test: those that no other test runs, here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ELSEWHERE = {"player.py", "table_player.py", "compose_standin.py", "read_with_tensorflow.py", "read_with_torch.py"}
HERE = {"demo.py", "ten_lines.py"}


def test_every_example_has_its_test():
    assert {p.name for p in (ROOT / "examples").glob("*.py")} == ELSEWHERE | HERE
    text = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py"))
    assert all(name in text or name.removesuffix(".py") in text for name in ELSEWHERE)


def test_ten_lines(tmp_path):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    code = (f"import sys; sys.path.insert(0, {str(ROOT / 'examples')!r}); import ten_lines; "
            "ten_lines.main(config='perf_dynamics_small', minutes=.01, seconds=5)")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "song.wav").stat().st_size > 100_000


def test_the_demo(tmp_path):
    """The script runs in a copy of its surroundings, so that the checkout stays clean."""
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    (tmp_path / "examples").mkdir()
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    script = tmp_path / "examples" / "demo.py"
    script.write_bytes((ROOT / "examples" / "demo.py").read_bytes())
    done = subprocess.run([sys.executable, str(script)], env={**os.environ, "SYMGEN_DEMO_MINUTES": "0.02"}, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        if line.startswith("  /"):
            assert Path(line.strip()).stat().st_size > 500
    assert len(list((tmp_path / "demo").glob("demo-*.wav"))) == 2
