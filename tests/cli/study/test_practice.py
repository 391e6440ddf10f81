"""symgen practice: sheets as files, each new."""

import json

import pytest

from symgen.notes import read

pytestmark = pytest.mark.usefixtures("shipped_models")


def test_a_sheet_is_written_and_its_seed_makes_it_again(symgen, tmp_path):
    code, out, err = symgen("practice", "--level", "2", "--json")
    assert code == 0, err
    (made,) = json.loads(out)["sheets"]
    assert made["path"] == f"practice/level-2-{made['seed']}.musicxml"
    again = ["--level", "2", "--seed", made["seed"], "-o", "again.musicxml"]
    assert symgen("practice", *again)[0] == 0
    assert (tmp_path / made["path"]).read_bytes() == (tmp_path / "again.musicxml").read_bytes()


def test_several_sheets_have_names_of_their_own(symgen, tmp_path):
    code, out, _ = symgen(
        "practice", "-n", "3", "--hands", "right", "-o", "new/", "--format", "mid"
    )
    files = sorted((tmp_path / "new").iterdir())
    assert code == 0 and len(files) == 3 and out.count("Sight reading, level 1") == 3
    assert len({read(file).notes.tobytes() for file in files}) == 3
    assert symgen("practice", "-n", "2", "-o", "a.mid")[0] == 0
    assert (tmp_path / "a-1.mid").exists() and (tmp_path / "a-2.mid").exists()


def test_it_is_engraved(symgen, tmp_path):
    pytest.importorskip("verovio", reason="the extra `sheets` is not installed")
    assert symgen("practice", "--level", "4", "-o", "today.svg")[0] == 0
    assert "<svg" in (tmp_path / "today.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--level", "9"], "level 9: expected a whole number from 1 to 8"),
        (["-o", "a.docx"], "a.docx: cannot write '.docx'; known: .pdf .svg"),
        (["--seed", "1", "-n", "2"], "--seed makes one sheet; leave out --num 2"),
        (
            ["-o", "a.pdf", "--format", "svg"],
            "--format svg is for a folder; a.pdf names its format",
        ),
        (["--model", "piano"], "piano has no bars; use a model of tunes, such as folk"),
    ],
)
def test_it_says_what_is_wrong(symgen, tmp_path, words, message):
    code, _, err = symgen("practice", *words)
    assert code != 0 and message in err
    assert not [
        path for path in tmp_path.iterdir() if path.suffix in (".pdf", ".docx", ".musicxml")
    ]
