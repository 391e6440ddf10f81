"""Run hostile cases, each command in a process of its own, and judge what comes of them."""

import dataclasses
import json
import os
import re
import shutil
from pathlib import Path

from tests.faults.scene import Nursery
from tests.hostile import abc, midi, places, scores, sounds, things  # noqa: F401 - they register cases
from tests.hostile.cases import CASES, READ, REFUSED, Case

SECONDS, MEGABYTES = 5, 400
"""What a command on one file may cost: seconds of processor time, MB with all of Python."""

BUNDLE_SECONDS, BUNDLE_MEGABYTES = 1, 200
"""The same for a bundle; the MB are those beyond the start."""

PATIENCE = 60  # seconds after which a command that waits is killed
PARTS = ("shared", "own", "bundles")
MODULES = (
    "symgen.cli.corpus", "symgen.cli.convert", "symgen.corpus.check", "symgen.dataset.build",
    "symgen.notes.midi.reader", "symgen.notes.abc.reader", "symgen.notes.musicxml.reader",
)  # fmt: skip
BUNDLE_MODULES = ("onnxruntime", "symgen.cli.sample.command", "symgen.sampling.generate")
GOOD = Path(__file__).parents[2] / "symgen" / "pretrained" / "piano.symgen"
SECRET = "MThd, a secret of the user"


@dataclasses.dataclass
class Result:
    """What came of a case: what is `wrong`, and the most that one of its commands cost."""

    name: str
    wrong: list[str]
    line: str = ""
    seconds: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0

    def __str__(self):
        state = "; ".join(self.wrong) or "as it should be"
        costs = f"{self.cpu:5.2f} s {self.seconds:5.1f} s {self.peak:4.0f} MB"
        return f"{costs}  {self.name}: {state}\n    {self.line[:150]}"


class Trials:
    """Runs cases in `folder`; the shared files are under `corpora`.

    `patience` is how many times the promised seconds a command may take, on a busy machine.
    """

    def __init__(self, folder, corpora, patience=1):
        self.folder, self.corpora, self.patience = folder, corpora, patience
        self.nurseries = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for nursery in self.nurseries.values():
            nursery.close()

    def nursery(self, *modules):
        if modules not in self.nurseries:
            self.nurseries[modules] = Nursery(*modules)
        return self.nurseries[modules]

    def run(self, part, names=()):
        """Yield a Result for each case of a part whose kind and name hold one of `names`."""
        for case in {"shared": self.shared, "own": CASES.values, "bundles": self.bundles}[part]():
            if not names or any(name in f"{case.kind}: {case.name}" for name in names):
                yield self.bundle(case) if part == "bundles" else self.one(case)

    def one(self, case):
        """Lay out a case, run its commands, and remove it."""
        desk = self.folder / "desk"
        desk.mkdir()
        laid = beside(self.folder)
        result = Result(f"{case.kind}: {case.name}", [])
        try:
            for i, words in enumerate(case.commands(desk)):
                self.command(case, words, desk, result, says="" if i else case.says)
            if laid != beside(self.folder, new=False):
                result.wrong.append("something beside its folder was changed")
        finally:
            shutil.rmtree(desk)
        return result

    def command(self, case, words, desk, result, says):
        output = self.folder / "output.txt"
        code, seconds, cpu, peak, _ = self.nursery(*MODULES).measured(desk, words, PATIENCE, output)
        text = output.read_text(encoding="utf-8", errors="backslashreplace")
        result.seconds, result.cpu = max(result.seconds, seconds), max(result.cpu, cpu)
        result.peak = max(result.peak, peak)
        result.wrong += [f"{words[0]}: {fault}" for fault in faults(case, code, text, says)]
        if cpu > SECONDS * self.patience or seconds > PATIENCE:
            result.wrong.append(f"{words[0]}: {cpu:.1f} s")
        if peak > MEGABYTES:
            result.wrong.append(f"{words[0]}: {peak:.0f} MB")
        result.line = result.line or next(iter(reversed(text.splitlines())), "")

    def shared(self):
        from tests.hostile.shared import cases

        return cases(self.corpora)

    def bundles(self):
        from tests.bundle.strangers.hostile import BUNDLES

        return [Case(name, "bundle", make, REFUSED) for name, make in BUNDLES.items()]

    def bundle(self, case):
        """Let `symgen sample` meet a bundle that is made from a good one."""
        path = self.folder / "x.symgen"
        path.write_bytes(case.make(GOOD))
        words = ["sample", path.name, "-q", "--seconds", "2", "-o", "x.mid", "--force"]
        output = self.folder / "output.txt"
        measured = self.nursery(*BUNDLE_MODULES).measured(self.folder, words, PATIENCE, output)
        code, seconds, cpu, peak, begin = measured
        text = output.read_text(encoding="utf-8", errors="backslashreplace")
        result = Result(case.name, [*faults(case, code, text, r"x\.symgen: ")], text.strip())
        result.seconds, result.cpu, result.peak = seconds, cpu, max(peak - begin, 0)
        if len(text.splitlines()) != 1 or code != 1:
            result.wrong.append("not one line with exit 1")
        if cpu > BUNDLE_SECONDS * self.patience:
            result.wrong.append(f"{cpu:.1f} s")
        if result.peak > BUNDLE_MEGABYTES:
            result.wrong.append(f"{result.peak:.0f} MB")
        return result


def beside(folder, new=True):
    """Return what lies beside the desk, which no case may change, with its bytes."""
    outside = folder / "outside"
    if new:
        outside.mkdir(exist_ok=True)
        (outside / "secret.txt").write_text(SECRET)
    there = [path for path in folder.iterdir() if path.name not in ("desk", "output.txt")]
    return [
        (path.as_posix(), path.is_file() and path.read_bytes())
        for path in sorted([*there, *outside.rglob("*")])
    ]


def faults(case, code, text, says):
    """Yield what is wrong with the end and the output of a command."""
    allowed = {READ: {0}, REFUSED: {1, 2}}.get(case.wanted, {0, 1, 2})
    errors = [line for line in text.splitlines() if line.startswith("symgen: ")]
    if code not in allowed:
        yield f"exit {code}, not {' or '.join(map(str, sorted(allowed)))}"
    if len(errors) != bool(code):
        yield f"{len(errors)} lines of error"
    if "Traceback" in text or "internal error" in text:
        yield "a fault of its own"
    if SECRET in text:
        yield "shows a file that lies outside"
    if not all(line.isprintable() for line in text.split("\n")):
        yield "a line that is not printable"
    if not re.search(says, text):
        yield f"does not say {says!r}"
    if text.startswith("{"):
        found, _ = json.JSONDecoder(parse_constant=_no_json).raw_decode(text)
        notes = sum(piece["notes"] for piece in found["pieces"])
        if case.notes not in (None, notes):
            yield f"{notes:,} notes, not {case.notes:,}"


def _no_json(text):
    raise ValueError(f"{text} is no JSON")


def processes_are_forked():
    """Return whether cases can be run here."""
    return hasattr(os, "fork") and os.path.isdir("/proc/self")
