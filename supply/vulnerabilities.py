"""Whether pip-audit knows of a vulnerability in the lock.

    python -m supply.vulnerabilities PIP_AUDIT

The exit code is 0 only where every release was looked up and nothing was found, or only what
`explained.toml` explains; 1 where something was found; 2 where it could not be looked up. pip-audit
itself ends with 0 where it has looked up nothing: it skips what its service does not know.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from supply.licences import explained
from supply.lock import LOCK, Release, normal, read

FOUND, NOT_AUDITED = 1, 2
SHOWN = 5
SECONDS = 600
OPTIONS = ("--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off")

Row = Mapping[str, Any]


class NotAudited(Exception):
    """The releases could not be looked up; the text says why."""


def sets(releases: Iterable[Release]) -> list[list[Release]]:
    """Return the releases in lists with each package at most once, as pip-audit takes them."""
    out = list[list[Release]]()
    for release in releases:
        free = (some for some in out if all(one.name != release.name for one in some))
        if (found := next(free, None)) is None:
            out.append(found := [])
        found.append(release)
    return out


def looked_up(program: str, releases: Iterable[Release]) -> list[Row]:
    """Return what pip-audit says of each release, those for other systems too."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.txt"
        pins = [f"{release.name}=={release.version}\n" for release in releases]
        path.write_text("".join(pins), encoding="utf-8")
        words = [program, *OPTIONS, "--requirement", str(path)]
        try:
            done = subprocess.run(
                words, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            return list(json.loads(done.stdout)["dependencies"])
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotAudited(f"pip-audit did not run: {error}") from None
        except ValueError:
            last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
            raise NotAudited(f"the service cannot be reached: {last[:200]}") from None


def judged(
    rows: Sequence[Row], releases: Iterable[Release], reasons: Mapping[str, str]
) -> tuple[int, list[str]]:
    """Return the exit code for the rows of pip-audit, and a line for each finding.

    `reasons` has those vulnerabilities that are explained. NotAudited where a release is missing.
    """
    known = {(normal(row["name"]), row["version"]) for row in rows if "skip_reason" not in row}
    if missing := [r.name for r in releases if (r.name, r.version) not in known]:
        named = ", ".join(missing[:SHOWN]) + (", ..." if len(missing) > SHOWN else "")
        raise NotAudited(f"the service does not know {len(missing)} of the releases: {named}")
    lines, code, found = list[str](), 0, set[str]()
    for row in rows:
        for each in row["vulns"]:
            found.add(each["id"])
            mended = ", ".join(each["fix_versions"]) or "no version yet"
            line = f"{row['name']} {row['version']}: {each['id']}, mended in {mended}"
            if each["id"] in reasons:
                line += f"; explained: {reasons[each['id']]}"
            else:
                code = FOUND
            lines.append(line)
    for stale in sorted(set(reasons) - found):
        lines.append(f"{stale}: is explained in explained.toml and not found")
        code = FOUND
    return code, [*lines, f"vulnerabilities: {len(known)} releases looked up, {len(found)} known"]


def audit(program: str) -> tuple[int, list[str]]:
    """Return the exit code of the module, and lines that say why."""
    releases = read(LOCK.read_text(encoding="utf-8"))
    try:
        rows = [row for some in sets(releases) for row in looked_up(program, some)]
        return judged(rows, releases, explained()["findings"])
    except NotAudited as error:
        return NOT_AUDITED, [f"NOT AUDITED, which is no pass: {error}"]


def main() -> None:
    """Print what was found; exit with the code of the module."""
    code, lines = audit(sys.argv[1])
    print("\n".join(lines))
    sys.exit(code)


if __name__ == "__main__":
    main()
