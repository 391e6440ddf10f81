"""Fixtures that several rooms share."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"  # sums in one order: runs can be compared exactly

ROOT = Path(__file__).parents[1]
CORPORA = Path(os.environ.get("SYMGEN_TEST_CORPORA", ROOT.parent / "shared" / "corpora"))


@pytest.fixture(scope="session")
def corpora():
    """The folder of real music that does not come with a clone."""
    if not CORPORA.is_dir():
        pytest.skip(f"real corpora are not at {CORPORA}; set SYMGEN_TEST_CORPORA to where they are")
    return CORPORA
