"""The releases that `requirements.lock` pins, read from the text that uv writes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
ALONE = ROOT / "requirements-alone.lock"
"""What is installed without what it depends on."""

PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>.+?))? \\")
HASH = re.compile(r"    --hash=sha256:(?P<digest>[0-9a-f]{64})(?: \\)?")
VIA = re.compile(r"    #(?: via|  ) (?P<name>[\w.-]+)(?: \(.*\))?")


@dataclasses.dataclass
class Release:
    """One release of a package: where it applies, the SHA-256 of its files, and who wants it."""

    name: str
    version: str
    marker: str
    hashes: list[str] = dataclasses.field(default_factory=list)
    via: list[str] = dataclasses.field(default_factory=list)

    @property
    def purl(self) -> str:
        """The package URL of the release."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read(text: str) -> list[Release]:
    """Return the releases in the text of a lock; ValueError for a line or a release like no other.

    Each release has a hash, as `pip install --require-hashes` asks.
    """
    out = list[Release]()
    for line in text.splitlines():
        if pin := PIN.fullmatch(line):
            out.append(Release(normal(pin["name"]), pin["version"], pin["marker"] or ""))
        elif out and (found := HASH.fullmatch(line)):
            out[-1].hashes.append(found["digest"])
        elif out and (found := VIA.fullmatch(line)):
            out[-1].via.append(normal(found["name"]))
        elif line.strip() not in ("", "# via") and not line.startswith("#"):
            raise ValueError(f"{line!r} is no line of a lock")
    if bare := [release.name for release in out if not release.hashes]:
        raise ValueError(f"{bare[0]} has no hash")
    return out


def normal(name: str) -> str:
    """Return the name of a package as every tool compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(releases: Iterable[Release], wanted: Iterable[str]) -> set[str]:
    """Return the names of the packages `wanted`, and of those that they need in turn."""
    by_user: dict[str, set[str]] = {}
    for release in releases:
        for user in release.via:
            by_user.setdefault(user, set()).add(release.name)
    found, left = set[str](), {normal(name) for name in wanted}
    while left:
        found |= left
        left = set().union(*(by_user.get(name, ()) for name in left)) - found
    return found


def package_of(requirement: str) -> str:
    """Return the name of the package in a requirement such as "numpy>=1.26"."""
    found = re.match(r"[\w.-]+", requirement)
    return normal(found[0]) if found else requirement
