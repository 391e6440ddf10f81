"""What symgen is built on: the lock, licences, the bill of materials, and what an audit says."""

import json
import subprocess
import sys
import tomllib
from email.message import Message

import pytest

from supply import licences, lock, sbom, vulnerabilities
from supply.licences import fits, licence_of, stale, wrong
from supply.lock import LOCK, ROOT, needed, read

TEXT = """# made by a tool
numpy==1.0 ; python_full_version < '3.12' \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via
    #   rich.py
    #   symgen (pyproject.toml)
numpy==2.0 ; python_full_version >= '3.12' \\
    --hash=sha256:{c}
    # via symgen (pyproject.toml)
rich-py==3.1 \\
    --hash=sha256:{a}
    # via symgen (pyproject.toml:dev)
""".format(a="a" * 64, b="b" * 64, c="c" * 64)
PROJECT = {
    "name": "symgen",
    "version": "9",
    "description": "music",
    "license": "Apache-2.0",
    "dependencies": ["numpy>=1"],
    "optional-dependencies": {"all": ["symgen[train]"]},
}


def test_a_lock_is_read():
    one, two, three = read(TEXT)
    assert (one.name, one.version, one.marker) == ("numpy", "1.0", "python_full_version < '3.12'")
    assert (one.hashes, one.via) == (["a" * 64, "b" * 64], ["rich-py", "symgen"])
    assert (two.version, two.via) == ("2.0", ["symgen"])
    assert (three.marker, three.purl) == ("", "pkg:pypi/rich-py@3.1")


@pytest.mark.parametrize("more", ["click>=8", "click==8 \\\n", "-r other.txt"])
def test_a_line_that_pins_nothing_is_refused(more):
    with pytest.raises(ValueError, match=r"no line of a lock|no hash"):
        read(TEXT + more)


def test_the_lock_of_symgen_is_read_whole():
    text = LOCK.read_text(encoding="utf-8")
    assert len(read(text)) == text.count("==") - text.count(" == '")
    assert {"numpy", "pytest", "verovio"} <= {release.name for release in read(text)}


def test_what_a_package_needs_is_found_through_others():
    assert needed(read(TEXT), ["Rich.py"]) == {"rich-py", "numpy"}
    assert needed(read(TEXT), ["numpy"]) == {"numpy"}


@pytest.mark.parametrize(
    ("expression", "fit"),
    [
        ("MIT", True),
        ("MPL-2.0", True),
        ("GPL-3.0-only", False),
        ("MIT AND LGPL-3.0-only", False),
        ("GPL-2.0-only OR MIT", True),
        ("(GPL-2.0-only OR MIT) AND GPL-3.0-only", False),
        ("Unknown", False),
    ],
)
def test_a_licence_fits_or_does_not(expression, fit):
    assert fits(expression) == fit


def facts(**values):
    made = Message()
    for key, value in values.items():
        made[key.replace("_", "-")] = value
    return made


def test_a_licence_is_an_expression_a_name_or_a_classifier():
    assert licence_of(facts(License_Expression="MIT AND ISC"), None) == "MIT AND ISC"
    assert licence_of(facts(License="Apache 2.0"), None) == "Apache-2.0"
    text = facts(
        License="Copyright (c) of us\nall", Classifier="License :: OSI Approved :: BSD License"
    )
    assert licence_of(text, None) == "BSD-3-Clause"
    assert licence_of(facts(License="GPL-3.0"), None) == "GPL-3.0"
    assert licence_of(facts(), None) == ""
    assert licence_of(facts(), "Zlib") == "Zlib"


def test_an_exception_holds_for_its_licence_alone():
    known = {"exceptions": {"sheets": {"licence": "LGPL-3.0-only", "reason": "an extra"}}}
    assert wrong("sheets", "LGPL-3.0-only", known) == ""
    assert "is not LGPL-3.0-only" in wrong("sheets", "GPL-3.0-only", known)
    assert "does not need" in wrong("sheets", "MIT", known)
    assert "not known to fit" in wrong("other", "LGPL-3.0-only", known)
    assert "no licence" in wrong("other", "", known)


def test_an_explanation_of_a_package_that_is_gone_is_found():
    known = {"stated": {"numpy": "MIT"}, "exceptions": {"gone": {}}, "inside": {"Rich_py": {}}}
    assert stale(read(TEXT), known) == ["gone"]


def test_every_licence_in_this_environment_is_fit():
    """The rest of `make audit` needs a service."""
    found = list(licences.rows(licences.locked(), licences.explained()))
    bad = {release.name: fault for release, _, fault in found if fault and "installed" not in fault}
    assert len(found) > 100
    assert bad == {}


def test_the_bill_says_what_everyone_installs():
    made = sbom.bill(PROJECT, TEXT)
    rows = {row["purl"]: row for row in made["components"]}
    assert [rows[f"pkg:pypi/numpy@{v}"]["scope"] for v in ("1.0", "2.0")] == ["required"] * 2
    assert rows["pkg:pypi/rich-py@3.1"]["scope"] == "excluded"
    needs = {row["ref"]: row["dependsOn"] for row in made["dependencies"]}
    assert needs["pkg:pypi/rich-py@3.1"] == ["pkg:pypi/numpy@1.0"]
    assert needs["pkg:pypi/symgen@9"] == [
        "pkg:pypi/numpy@1.0",
        "pkg:pypi/numpy@2.0",
        "pkg:pypi/rich-py@3.1",
    ]
    assert made == sbom.bill(PROJECT, TEXT)


def test_the_bill_of_symgen_lists_the_lock(tmp_path):
    words = [sys.executable, "-m", "supply.sbom", str(tmp_path / "dist" / "bill.json")]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    made = json.loads((tmp_path / "dist" / "bill.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (made["bomFormat"], made["metadata"]["component"]["version"]) == (
        "CycloneDX",
        project["version"],
    )
    scopes = {row["name"]: row["scope"] for row in made["components"]}
    assert (scopes["numpy"], scopes["tensorflow"], scopes["pytest"]) == (
        "required",
        "optional",
        "excluded",
    )
    licensed = [row for row in made["components"] if "licenses" in row]
    assert len(licensed) > 100


def rows(*vulns):
    names = [("numpy", "1.0"), ("numpy", "2.0"), ("rich_py", "3.1")]
    return [
        {"name": n, "version": v, "vulns": list(vulns) if n == "rich_py" else []} for n, v in names
    ]


KNOWN = {"id": "PYSEC-1", "fix_versions": ["3.2"]}


def test_an_audit_without_findings_passes():
    code, [line] = vulnerabilities.judged(rows(), read(TEXT), {})
    assert (code, line) == (0, "vulnerabilities: 3 releases looked up, 0 known")


def test_a_finding_fails_unless_it_is_explained():
    code, [line, _] = vulnerabilities.judged(rows(KNOWN), read(TEXT), {})
    assert (code, line) == (1, "rich_py 3.1: PYSEC-1, mended in 3.2")
    code, [line, _] = vulnerabilities.judged(rows(KNOWN), read(TEXT), {"PYSEC-1": "not called"})
    assert code == 0
    assert line.endswith("; explained: not called")


def test_an_explanation_of_what_is_mended_fails():
    code, lines = vulnerabilities.judged(rows(), read(TEXT), {"PYSEC-1": "not called"})
    assert code == 1
    assert "PYSEC-1: is explained" in lines[0]


@pytest.mark.parametrize(
    "found",
    [
        [],
        rows()[:2],
        [*rows()[:2], {"name": "rich-py", "skip_reason": "Dependency not found on PyPI"}],
        [*rows()[:2], {"name": "rich-py", "version": "3.0", "vulns": []}],
    ],
)
def test_what_was_not_looked_up_is_no_pass(found):
    with pytest.raises(vulnerabilities.NotAudited, match="does not know"):
        vulnerabilities.judged(found, read(TEXT), {})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("import sys; sys.exit('name or service not known')", "cannot be reached: name or service"),
        ("print('{\"dependencies\": []}')", "does not know 3 of the releases"),
    ],
)
def test_an_audit_without_its_service_is_no_pass(tmp_path, monkeypatch, body, message):
    program = tmp_path / "pip-audit"
    program.write_text(f"#!{sys.executable}\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setattr(vulnerabilities, "LOCK", tmp_path / "lock")
    (tmp_path / "lock").write_text(TEXT)
    code, [line] = vulnerabilities.audit(str(program))
    assert code == 2
    assert line.startswith("NOT AUDITED, which is no pass: ")
    assert message in line


def test_each_audited_list_has_a_package_once():
    names = [[release.name for release in some] for some in vulnerabilities.sets(read(TEXT))]
    assert names == [["numpy", "rich-py"], ["numpy"]]


def test_the_tools_are_pinned_by_hash():
    pinned = {release.name for release in lock.read((ROOT / "supply/tools.lock").read_text())}
    assert "pip-audit" in pinned
    assert "pip-audit" not in {release.name for release in read(LOCK.read_text())}
