"""Small corpora, built where a test wants them."""

import pytest
from corpus_files import midi


@pytest.fixture
def lay(tmp_path):
    """Write files from a table of path -> text or bytes; a number means a MIDI file of that many notes."""
    def write(files, root=tmp_path / "music"):
        root.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            content = midi(*[64] * content) if isinstance(content, int) else content
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root
    return write


@pytest.fixture
def ship(tmp_path, monkeypatch, lay):
    """Make symgen ship the corpora of a table, in place of its own, and stand in an empty working directory."""
    def write(files):
        shipped = lay({f"corpora/{n}": c for n, c in files.items()}, tmp_path / "shipped")
        for module in ("manifest", "corpus", "fetch"):
            monkeypatch.setattr(f"symgen.corpus.{module}.shipped", lambda kind: shipped / kind)
        (tmp_path / "desk").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / "desk")
        return shipped / "corpora"
    return write
