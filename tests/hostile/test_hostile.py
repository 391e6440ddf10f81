"""Hostile files are read or refused in one line, soon, and in little memory.

`python -m tests.hostile` runs the same cases, prints what each costs, and holds it to the seconds
that are promised.
"""

import pytest

from tests.conftest import CORPORA
from tests.hostile.cases import CASES, EITHER, READ, REFUSED, Case
from tests.hostile.shared import cases
from tests.hostile.trial import Trials, faults, processes_are_forked

SHARED = {case.name: case for case in cases(CORPORA)}
QUICK = ("manifest", "config")
SLOW = ("a table of a million rows",)

pytestmark = pytest.mark.skipif(not processes_are_forked(), reason="processes cannot be forked")


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    with Trials(tmp_path_factory.mktemp("hostile"), CORPORA, patience=3) as made:
        yield made


def marked(case):
    quick = case.kind in QUICK and case.name not in SLOW
    return pytest.param(case, id=case.name, marks=() if quick else pytest.mark.slow)


@pytest.mark.parametrize("case", [marked(case) for case in CASES.values()])
def test_a_case_of_our_own(trials, case):
    result = trials.one(case)
    assert not result.wrong, result


@pytest.mark.slow
def test_the_shared_files(trials):
    if not SHARED:
        pytest.skip(f"the shared corpora are not at {CORPORA}")
    assert len(SHARED) == 105
    assert [str(result) for result in map(trials.one, SHARED.values()) if result.wrong] == []


def test_there_are_enough_of_every_kind():
    assert len(CASES) >= 60
    kinds = {case.kind for case in CASES.values()}
    assert kinds >= {"midi", "abc", "musicxml", "tfrecord", "folder", "archive", "soundfont"}


LINE = "symgen: x.mid: is empty\n"


@pytest.mark.parametrize(
    ("wanted", "code", "text", "fault"),
    [
        (REFUSED, 1, LINE, None),
        (EITHER, 0, "x: 1 piece\n", None),
        (READ, 1, LINE, "exit 1, not 0"),
        (REFUSED, 0, "", "exit 0, not 1 or 2"),
        (REFUSED, -9, "", "exit -9, not 1 or 2; 0 lines of error"),
        (REFUSED, 1, LINE * 2, "2 lines of error"),
        (REFUSED, 1, f"{LINE}internal error\n", "a fault of its own"),
        (REFUSED, 1, f"\x1b[2J\n{LINE}", "a line that is not printable"),
        (REFUSED, 1, "symgen: x.mid\n", "does not say 'empty'"),
        (EITHER, 0, '{"pieces": [{"notes": 3}]}\n', "3 notes, not 4"),
    ],
)
def test_faults_are_found(wanted, code, text, fault):
    case = Case("x", "midi", str, wanted, notes=4)
    says = "empty" if wanted == REFUSED and code == 1 else ""
    assert "; ".join(faults(case, code, text, says)) == (fault or "")
