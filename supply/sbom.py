"""A bill of materials of a release: every package in the lock, as CycloneDX 1.6 in JSON.

    python -m supply.sbom [FILE]

It is made from the lock and the metadata of what is installed, without a package of its own:
cyclonedx-bom brings 20 more, lxml among them, and lists what is installed on one system only. The
same lock and packages give the same bytes. `scope` is "required" for what every user installs,
"optional" for the extras, "excluded" for what only development needs.
"""

from __future__ import annotations

import json
import sys
import tomllib
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from supply.licences import explained, installed, licence_of
from supply.lock import LOCK, ROOT, Release, needed, package_of, read

SPACE = uuid.UUID("0f7f5f0e-6f0c-5d55-9a3c-0d3f2d6f2f53")  # of our own, for version 5

Document = dict[str, Any]


def bill(project: Mapping[str, Any], lock: str) -> Document:
    """Return the document for the `project` table of pyproject.toml and the text of the lock."""
    releases = read(lock)
    own = package_of(project["name"])
    extras = [
        package_of(each) for rows in project["optional-dependencies"].values() for each in rows
    ]
    required = needed(releases, map(package_of, project["dependencies"]))
    optional = needed(releases, [name for name in extras if name != own]) - required
    root = f"pkg:pypi/{project['name']}@{project['version']}"
    stated = explained()["stated"]
    components = [
        component(release, scope(release.name, required, optional), stated.get(release.name))
        for release in releases
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(SPACE, root + lock)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": root,
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "licenses": [{"expression": project["license"]}],
                "purl": root,
            }
        },
        "components": components,
        "dependencies": dependencies(root, project["name"], releases),
    }


def scope(name: str, required: set[str], optional: set[str]) -> str:
    """Return the scope of a package in CycloneDX."""
    if name in required:
        return "required"
    return "optional" if name in optional else "excluded"


def component(release: Release, scope: str, stated: str | None) -> Document:
    """Return the component of a release; its licence is left out where it is not installed.

    A release has several files, so their SHA-256 are properties and not the hash of the component.
    """
    out: Document = {
        "type": "library",
        "bom-ref": release.purl,
        "name": release.name,
        "version": release.version,
        "scope": scope,
        "purl": release.purl,
    }
    facts = installed(release)
    if facts is not None and (licence := licence_of(facts, stated)):
        out["licenses"] = [{"expression": licence}]
    rows = [{"name": "symgen:file:sha256", "value": digest} for digest in release.hashes]
    if release.marker:
        rows.insert(0, {"name": "symgen:marker", "value": release.marker})
    return out | {"properties": rows}


def dependencies(root: str, project: str, releases: Sequence[Release]) -> list[Document]:
    """Return what each release needs."""
    users: dict[str, list[str]] = {project: [root]}
    for release in releases:
        users.setdefault(release.name, []).append(release.purl)
    needs: dict[str, list[str]] = {ref: [] for refs in users.values() for ref in refs}
    for release in releases:
        for user in release.via:
            for ref in users[user]:
                needs[ref].append(release.purl)
    return [{"ref": ref, "dependsOn": sorted(found)} for ref, found in needs.items()]


def main() -> None:
    """Write the document to the file that is named, or to dist/."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    usual = ROOT / "dist" / f"{project['name']}-{project['version']}.cdx.json"
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else usual
    made = bill(project, LOCK.read_text(encoding="utf-8"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {len(made['components'])} packages")


if __name__ == "__main__":
    main()
