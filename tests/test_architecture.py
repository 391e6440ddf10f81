"""The arrow of the README as a test: what each stage may import, that there is no cycle, and that modules stay short."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1] / "symgen"
BASE = {"errors", "registry", "files", "config", "process"}
MAY_IMPORT = {
    "errors": set(), "registry": {"errors"}, "files": {"errors"}, "config": {"errors"}, "process": set(),
    "notes": BASE, "model": BASE,
    "corpus": BASE | {"notes"}, "encoding": BASE | {"notes"}, "similar": BASE | {"notes"}, "render": BASE | {"notes"},
    "dataset": BASE | {"notes", "corpus", "encoding", "similar"},
    "stepping": BASE, "pretrained": BASE, "licences": set(),
    "bundle": BASE | {"encoding", "model", "stepping", "pretrained"},
    "shipping": BASE | {"bundle", "stepping"},
    "card": BASE | {"bundle", "licences", "pretrained"},
    "training": BASE | {"encoding", "corpus", "dataset", "model", "bundle", "pretrained"},
    "sampling": BASE | {"notes", "encoding", "similar", "bundle", "pretrained"},
    "evaluate": BASE | {"notes", "encoding", "similar", "dataset", "bundle", "model"},
    "report": BASE | {"notes", "corpus", "encoding", "similar", "dataset", "bundle", "render", "evaluate"},
    "quick": BASE | {"notes", "corpus", "encoding", "dataset", "bundle", "card", "pretrained",
                     "training", "sampling", "render"},
    "serve": BASE | {"notes", "bundle", "sampling", "render"},
}
FREE = {"cli", "__init__", "__main__"}  # they may import everything, and nothing imports them
LAZY = {"tensorflow", "keras", "onnx", "onnxruntime", "symusic", "mido", "music21", "note_seq", "matplotlib", "soundfile", "pretty_midi",
        "scipy", "torch", "jax"}
BACKEND = {"model/network.py", "model/learner.py", "model/hoisted.py", "model/parts.py"}  # loaded when a model is built, and not before
FILES = sorted(ROOT.rglob("*.py"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def imports(nodes):
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            yield from (f"symgen.{alias.name}" for alias in node.names) if node.module == "symgen" else [node.module or ""]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_follow_the_arrow(path):
    stage = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for name in imports(ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
        if name.startswith("symgen.") and stage not in FREE and name != "symgen.__version__":
            target = name.split(".")[1]
            assert target in MAY_IMPORT[stage] | {stage}, f"{stage} imports {target}"


@pytest.mark.parametrize("path", [p for p in FILES if name_of(p) not in BACKEND], ids=name_of)
def test_heavy_libraries_are_loaded_late(path):
    assert not LAZY & {name.split(".")[0] for name in imports(ast.parse(path.read_text(encoding="utf-8")).body)}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_modules_stay_short(path):
    assert path.read_text(encoding="utf-8").count("\n") <= 300


def test_the_table_has_no_cycle():
    done, left = set(), dict(MAY_IMPORT)
    while left:
        ready = [stage for stage, targets in left.items() if targets <= done]
        assert ready, f"cycle among {sorted(left)}"
        done |= set(ready)
        left = {stage: targets for stage, targets in left.items() if stage not in ready}
