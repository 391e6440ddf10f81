"""The licence of everything that is installed from the lock, and whether it fits Apache-2.0.

Licences are those of SPDX. They stand in the metadata of a package as an expression, as the name
of a licence, or as a classifier; where they do not, `explained.toml` says them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from supply.lock import ALONE, LOCK, Release, normal, read

EXPLAINED = Path(__file__).with_name("explained.toml")

FIT = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause",
    "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib",
    "MPL-2.0",  # it asks for the source of its own files alone
}  # fmt: skip
NAMES = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 3-Clause": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC license": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Other names for licences. Those that only say "BSD" are of the three-clause kind here."""

Explained = Mapping[str, Mapping[str, Any]]


def explained() -> Explained:
    """Return the tables of `explained.toml`."""
    return tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))


def licence_of(facts: metadata.PackageMetadata, stated: str | None) -> str:
    """Return the SPDX expression of a package's metadata, or "" where they name none."""
    texts = [text for key in ("License-Expression", "License") for text in facts.get_all(key) or []]
    texts += [
        text.rpartition(" :: ")[2]
        for text in facts.get_all("Classifier") or []
        if text.startswith("License :: OSI Approved :: ")
    ]
    for text in texts:
        known: str = NAMES.get(text, text)
        if known and all(part in FIT or "GPL" in part for part in parts(known)):
            return known
    return stated or ""


def parts(expression: str) -> list[str]:
    """Return the licences in an SPDX expression."""
    return re.split(r" (?:AND|OR) ", expression.replace("(", "").replace(")", ""))


def fits(expression: str) -> bool:
    """Return whether what is under this licence can be used with what is under Apache-2.0."""
    plain = expression.replace("(", "").replace(")", "")
    return all(any(one in FIT for one in all_of.split(" OR ")) for all_of in plain.split(" AND "))


def rows(releases: Iterable[Release], known: Explained) -> Iterator[tuple[Release, str, str]]:
    """Yield each release that is installed, its licence, and what is wrong with that, or "".

    A release for another system or Python, as its marker says, may be missing.
    """
    for release in releases:
        if (facts := installed(release)) is not None:
            licence = licence_of(facts, known["stated"].get(release.name))
            yield release, licence, wrong(release.name, licence, known)
        elif not release.marker:
            yield release, "", "is not installed as the lock pins it; run: make setup"


def locked() -> list[Release]:
    """Return the releases of both locks."""
    return [release for lock in (LOCK, ALONE) for release in read(lock.read_text(encoding="utf-8"))]


def installed(release: Release) -> metadata.PackageMetadata | None:
    """Return the metadata of a release, or None where it is not installed."""
    try:
        found = metadata.distribution(release.name)
    except metadata.PackageNotFoundError:
        return None
    return found.metadata if found.version == release.version else None


def wrong(name: str, licence: str, known: Explained) -> str:
    """Return why the licence of a package is not fit, or ""."""
    exception = known["exceptions"].get(name)
    if not licence:
        return "names no licence that is known; read its own, and state it in explained.toml"
    if fits(licence):
        return "has an exception that it does not need" if exception else ""
    if exception is None:
        return f"{licence} is not known to fit Apache-2.0"
    if exception["licence"] != licence:
        return f"{licence} is not {exception['licence']}, which is explained"
    return ""


def stale(releases: Iterable[Release], known: Explained) -> list[str]:
    """Return the packages that are explained and no longer in the lock."""
    names = {release.name for release in releases}
    tables = [known[key] for key in ("stated", "exceptions", "inside")]
    return sorted({name for table in tables for name in table if normal(name) not in names})


def main() -> None:
    """Print a line for each package; exit 1 where one is not fit."""
    releases, known = locked(), explained()
    bad, count = stale(releases, known), 0
    for name in bad:
        print(f"{name}: is explained in explained.toml and not in the lock")
    for release, licence, fault in rows(releases, known):
        count += 1
        why = known["exceptions"].get(release.name, {}).get("reason", "")
        print(f"{release.name} {release.version}: {fault or licence}{why and f' ({why})'}")
        bad += [release.name] if fault else []
    for name, inside in known["inside"].items():
        print(f"inside {name}: {inside['licence']} ({inside['reason']})")
    absent = len(releases) - count
    print(f"licences: {count} packages installed, {absent} for other systems; {len(bad)} not fit")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
