"""The arrow in the README, checked: a stage may import only the stages it lists."""
import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1] / "symgen"
BASE = {"errors", "registry", "files", "config"}
MAY_IMPORT = {
    "errors": set(), "registry": {"errors"}, "files": {"errors"}, "config": {"errors"},
    "notes": BASE, "model": BASE,
    "corpus": BASE | {"notes"}, "encoding": BASE | {"notes"}, "similar": BASE | {"notes"}, "render": BASE | {"notes"},
    "dataset": BASE | {"notes", "corpus", "encoding", "similar"},
    "bundle": BASE | {"encoding", "model"},
    "training": BASE | {"encoding", "dataset", "model", "bundle"},
    "sampling": BASE | {"notes", "encoding", "similar", "bundle"},
    "evaluate": BASE | {"notes", "encoding", "similar", "dataset", "bundle"},
    "report": BASE | {"notes", "corpus", "encoding", "similar", "dataset", "bundle", "render", "evaluate"},
    "serve": BASE | {"notes", "bundle", "sampling", "render"},
    "cli": None,
}
FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_follow_the_arrow(path):
    stage = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if stage in ("cli", "__init__"):
        return
    for name in imported(ast.parse(path.read_text())):
        target = name.split(".")[1]
        assert target in MAY_IMPORT[stage] | {stage}, f"{path.name}: {stage} imports {target}"


def imported(tree):
    """Yield every symgen module the tree names, at top level or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("symgen."))
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            if node.module == "symgen":
                yield from (f"symgen.{a.name}" for a in node.names)
            elif (node.module or "").startswith("symgen."):
                yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_stay_short(path):
    assert path.read_text().count("\n") <= 300


def test_the_table_has_no_cycle():
    done, left = set(), {k: v for k, v in MAY_IMPORT.items() if v is not None}
    while left:
        ready = [k for k, v in left.items() if v <= done]
        assert ready, f"cycle among {sorted(left)}"
        done |= set(ready)
        for k in ready:
            del left[k]
