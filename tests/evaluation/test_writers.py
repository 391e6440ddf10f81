"""What every writer of a report promises: a new one is tested as soon as it has a suffix."""

import pytest

from symgen.errors import DataError
from symgen.evaluation.document import Evaluation, writers
from tests.report.documents import document, samples


@pytest.fixture(params=list(writers))
def target(request, tmp_path):
    return tmp_path / f"report{request.param}"


def made(count=1):
    return Evaluation(document(), dict(list(samples().items())[:count]))


def content(path):
    """The bytes of a file, or of each file in a folder."""
    if path.is_file():
        return path.read_bytes()
    return {one.relative_to(path): one.read_bytes() for one in sorted(path.rglob("*.*"))}


def test_it_writes_the_report_and_returns_messages(target):
    messages = made().write(target)
    assert isinstance(messages, list) and all(isinstance(line, str) for line in messages)
    assert content(target)


def test_the_parts_of_a_document_may_be_missing(target):
    whole = document()
    for part in ("likelihood", "statistics", "originality", "samples", "reference"):
        Evaluation({k: v for k, v in whole.items() if k != part}).write(target, force=True)
        assert content(target)


def test_what_exists_is_replaced_only_by_force(target):
    made().write(target)
    before = content(target)
    with pytest.raises(DataError, match="exists"):
        made(0).write(target)
    assert content(target) == before
    made(0).write(target, force=True)
    assert content(target)


def test_a_failure_leaves_nothing_behind(target):
    broken = document() | {"statistics": object()}
    with pytest.raises((AttributeError, TypeError)):
        Evaluation(broken, samples()).write(target)
    assert not target.exists() and not list(target.parent.iterdir())
