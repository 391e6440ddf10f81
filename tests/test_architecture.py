"""The arrow of the README as a test: what each stage may import, that there is no cycle, and that modules stay short."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1] / "symgen"
BASE = {"errors", "checks", "registry", "files", "config", "process"}
MAY_IMPORT = {
    "errors": set(),
    "checks": {"errors"},
    "registry": {"errors"},
    "files": {"errors"},
    "config": {"errors"},
    "process": set(),
    "pretrained": BASE,
    "tfrecord": BASE,
    "models": BASE,
    "notes": BASE | {"tfrecord"},
    "corpus": BASE | {"notes"},
    "encodings": BASE | {"notes"},
    "similarity": BASE | {"notes"},
    "rendering": BASE | {"notes"},
    "controls": BASE | {"encodings", "notes"},
    "dataset": BASE | {"corpus", "encodings", "controls", "similarity", "tfrecord", "notes"},
    "runtime": BASE | {"models", "encodings", "controls", "bundle"},
    "bundle": BASE | {"encodings", "controls", "models", "runtime", "pretrained"},
    "training": BASE
    | {
        "notes",
        "corpus",
        "dataset",
        "bundle",
        "runtime",
        "models",
        "controls",
        "encodings",
        "pretrained",
    },
    "sampling": BASE
    | {"runtime", "bundle", "controls", "encodings", "similarity", "notes", "pretrained"},
    "evaluation": BASE
    | {
        "dataset",
        "runtime",
        "bundle",
        "models",
        "controls",
        "encodings",
        "similarity",
        "notes",
        "corpus",
    },
    "report": BASE | {"evaluation", "rendering", "notes"},
    "quickstart": BASE
    | {
        "notes",
        "corpus",
        "encodings",
        "dataset",
        "bundle",
        "pretrained",
        "training",
        "sampling",
        "rendering",
    },
}
FREE = {"cli", "__init__", "__main__"}  # they may import everything, and nothing imports them
LAZY = {
    "tensorflow",
    "keras",
    "onnx",
    "onnxruntime",
    "symusic",
    "mido",
    "music21",
    "note_seq",
    "matplotlib",
    "soundfile",
    "pretty_midi",
    "scipy",
    "torch",
    "jax",
}
BACKEND = {
    "model/network.py",
    "model/learner.py",
    "model/hoisted.py",
    "model/parts.py",
}  # loaded when a model is built, and not before
FILES = sorted(ROOT.rglob("*.py"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def imports(nodes):
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            yield from (
                (f"symgen.{alias.name}" for alias in node.names)
                if node.module == "symgen"
                else [node.module or ""]
            )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_follow_the_arrow(path):
    stage = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for name in imports(ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
        if name.startswith("symgen.") and stage not in FREE and name != "symgen.__version__":
            target = name.split(".")[1]
            assert target in MAY_IMPORT[stage] | {stage}, f"{stage} imports {target}"


@pytest.mark.parametrize("path", [p for p in FILES if name_of(p) not in BACKEND], ids=name_of)
def test_heavy_libraries_are_loaded_late(path):
    assert not LAZY & {
        name.split(".")[0] for name in imports(ast.parse(path.read_text(encoding="utf-8")).body)
    }


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_modules_stay_short(path):
    assert path.read_text(encoding="utf-8").count("\n") <= 400


def test_the_table_has_no_cycle():
    done, left = set(), dict(MAY_IMPORT)
    while left:
        ready = [stage for stage, targets in left.items() if targets <= done]
        assert ready, f"cycle among {sorted(left)}"
        done |= set(ready)
        left = {stage: targets for stage, targets in left.items() if stage not in ready}
