"""What each room may import, that the table has no cycle, and that modules stay short."""

import ast
import functools
import pathlib

ROOT = pathlib.Path(__file__).parents[1] / "symgen"
BASE = {
    "errors", "types", "arrays", "checks", "registry", "scratch", "files", "config", "process",
    "limits", "regular", "watch", "bounded",
}  # fmt: skip
MAY_IMPORT = {
    "errors": "",
    "types": "",
    "arrays": "types",
    "checks": "errors",
    "registry": "errors",
    "scratch": "",
    "files": "errors scratch regular bounded",
    "config": "errors regular bounded",
    "bounded": "errors",
    "process": "",
    "limits": "errors",
    "regular": "",
    "watch": "",
    "pretrained": "",
    "tfrecord": "",
    "models": "",
    "notes": "tfrecord",
    "corpus": "notes",
    "encodings": "notes",
    "similarity": "notes",
    "audio": "notes corpus",
    "rendering": "notes audio",
    "controls": "notes encodings",
    "bundle": "encodings controls models runtime pretrained",
    "runtime": "encodings models",
    "dataset": "notes audio corpus encodings controls similarity tfrecord bundle",
    "training": "notes corpus encodings controls dataset models bundle runtime pretrained",
    "sampling": "notes audio encodings controls similarity bundle runtime pretrained",
    "evaluation": "notes audio corpus encodings controls similarity dataset models bundle runtime",
    "report": "notes rendering evaluation",
    "practice": "notes sampling similarity",
    "serve": (
        "notes audio encodings controls similarity dataset rendering sampling bundle runtime "
        "corpus evaluation report practice"
    ),
    "quickstart": "notes corpus encodings dataset bundle training sampling rendering pretrained",
}  # every room except those of BASE may also import BASE
FREE = {"cli", "__init__", "__main__"}  # they may import any room; no room imports them
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
    "soxr",
    "av",
    "pretty_midi",
    "verovio",
    "jax",
}
BACKEND = {  # loaded only when a model is built
    "models/learner.py",
    "models/plain.py",
    "models/framewise/network.py",
    "models/recurrent/network.py",
    "models/recurrent/fast_lstm.py",
    "models/recurrent/microbatches.py",
    "models/recurrent/pointer.py",
    "models/wavenet/network.py",
}
FILES = sorted(ROOT.rglob("*.py"))


def allowed(stage):
    return set(MAY_IMPORT[stage].split()) | (set() if stage in BASE else BASE)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@functools.cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(nodes):
    """Yield the full name of every module that the nodes import."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            if node.module == "symgen":
                yield from (f"symgen.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


def forbidden(path):
    """Yield the rooms that a file imports although the table does not let it."""
    stage = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if stage in FREE:
        return
    for name in imports(ast.walk(parsed(path))):
        room = name.split(".")[1] if name.startswith("symgen.") else stage
        if room not in allowed(stage) | {stage, "__version__"}:
            yield room


def test_imports_follow_the_arrow():
    found = {name_of(path): sorted(set(forbidden(path))) for path in FILES}
    assert {file: rooms for file, rooms in found.items() if rooms} == {}


def test_heavy_libraries_are_loaded_late():
    found = {
        name_of(path): LAZY & {name.split(".")[0] for name in imports(parsed(path).body)}
        for path in FILES
        if name_of(path) not in BACKEND
    }
    assert {file: libraries for file, libraries in found.items() if libraries} == {}


def test_modules_stay_short():
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in FILES}
    assert len(lines) > 100
    assert {file: count for file, count in lines.items() if count > 400} == {}


def test_the_table_has_no_cycle():
    done, left = set(), {stage: allowed(stage) for stage in MAY_IMPORT}
    while left:
        ready = [stage for stage, targets in left.items() if targets <= done]
        assert ready, f"cycle among {sorted(left)}"
        done |= set(ready)
        left = {stage: targets for stage, targets in left.items() if stage not in ready}
