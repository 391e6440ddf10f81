"""The arrow of the README as a test: what each stage may import, that there is no cycle, and that modules stay short."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1] / "symgen"
BASE = {"errors", "types", "checks", "registry", "files", "config", "process"}
MAY_IMPORT = {
    "errors": "",
    "types": "",
    "checks": "errors",
    "registry": "errors",
    "files": "errors",
    "config": "errors",
    "process": "",
    "pretrained": "",
    "tfrecord": "",
    "models": "",
    "notes": "tfrecord",
    "corpus": "notes",
    "encodings": "notes",
    "similarity": "notes",
    "rendering": "notes",
    "controls": "notes encodings",
    "bundle": "encodings controls models runtime pretrained",
    "runtime": "encodings models",
    "dataset": "notes corpus encodings controls similarity tfrecord bundle",
    "training": "notes corpus encodings controls dataset models bundle runtime pretrained",
    "sampling": "notes encodings controls similarity bundle runtime pretrained",
    "evaluation": "notes corpus encodings controls similarity dataset models bundle runtime",
    "report": "notes rendering evaluation",
    "quickstart": "notes corpus encodings dataset bundle training sampling rendering pretrained",
}  # every room but those of BASE may import BASE
FREE = {"cli", "__init__", "__main__"}  # they may import everything, and nothing imports them
LAZY = {
    "tensorflow",
    "keras",
    "onnx",
    "onnxruntime",
    "mido",
    "music21",
    "note_seq",
    "matplotlib",
    "soundfile",
    "pretty_midi",
    "jax",
}
BACKEND = {  # loaded when a model is built, and not before
    "models/learner.py",
    "models/recurrent/network.py",
    "models/recurrent/fast_lstm.py",
    "models/recurrent/microbatches.py",
}
FILES = sorted(ROOT.rglob("*.py"))


def allowed(stage):
    return set(MAY_IMPORT[stage].split()) | (set() if stage in BASE else BASE)


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
            assert target in allowed(stage) | {stage}, f"{stage} imports {target}"


@pytest.mark.parametrize("path", [p for p in FILES if name_of(p) not in BACKEND], ids=name_of)
def test_heavy_libraries_are_loaded_late(path):
    assert not LAZY & {
        name.split(".")[0] for name in imports(ast.parse(path.read_text(encoding="utf-8")).body)
    }


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_modules_stay_short(path):
    assert path.read_text(encoding="utf-8").count("\n") <= 400


def test_the_table_has_no_cycle():
    done, left = set(), {stage: allowed(stage) for stage in MAY_IMPORT}
    while left:
        ready = [stage for stage, targets in left.items() if targets <= done]
        assert ready, f"cycle among {sorted(left)}"
        done |= set(ready)
        left = {stage: targets for stage, targets in left.items() if stage not in ready}
