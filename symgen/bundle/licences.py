"""What the licences of its music mean for a model, as this project reads them; not legal advice.

A model is derived from its training music. The strictest licence of the music decides:

    free          public domain, CC0: no conditions
    attribution   CC BY, MIT, Apache, BSD: name the corpora
    share-alike   CC BY-SA: distribute the model file under that licence
    copyleft      GPL and similar: distribute the model file under that licence
    no            non-commercial, no derivatives, in copyright: no commercial use
    unknown       not recorded, or not recognised: ask

Share-alike and copyleft apply to the model file, which is derived from the music. What a model
plays is new music if it copies none; `symgen sample --max-copy` checks that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

KINDS = ("free", "attribution", "share-alike", "copyleft", "no", "unknown")  # the strictest last
UNKNOWN = "unknown"
QUESTION = "may I use it commercially?"
READING = "symgen's reading of the licences, not legal advice"

# (pattern in the name of a licence, its kind); the first match decides
RULES = (
    (r"non-?commercial|\bnc\b|no-?deriv|\bnd\b", "no"),
    (r"in copyright|all rights reserved|own use|proprietary|private", "no"),
    (r"share-?alike|\bsa\b|odbl", "share-alike"),
    (r"gpl|general public|mozilla|\bmpl\b|eupl", "copyleft"),
    (r"public domain|cc0|\bpdm?\b|pddl|unlicense|zero", "free"),
    (r"cc[ -]by\b|creative commons attribution|odc-by", "attribution"),
    (r"\bmit\b|apache|\bbsd\b|\bisc\b", "attribution"),
)


class Answer(NamedTuple):
    """The answer to QUESTION: "yes", "no" or "ask", and a `reason` that explains it."""

    answer: str
    reason: str


def kind(licence: str | None) -> str:
    """Return the kind of a licence, one of KINDS."""
    text = str(licence or "").lower().replace("_", "-")
    return next((found for pattern, found in RULES if re.search(pattern, text)), UNKNOWN)


def strictest(corpora: Sequence[Mapping[str, Any]]) -> str:
    """Return the strictest kind of licence of `corpora`; "unknown" without any."""
    return max((kind(c.get("licence")) for c in corpora), key=KINDS.index, default=UNKNOWN)


def of_weights(corpora: Sequence[Mapping[str, Any]]) -> str:
    """Return the licence of a model file that follows from its music, or "unknown"."""
    worst = strictest(corpora)
    if worst == UNKNOWN:
        return "unknown"
    names = _names(corpora, worst)
    if worst in ("share-alike", "copyleft"):
        same = {name.split()[1] if name.startswith("CC ") else name for name in names}
        return max(names, key=_version) if len(same) == 1 else " and ".join(names)
    return ", ".join(names)


def commercial(corpora: Sequence[Mapping[str, Any]]) -> Answer:
    """Answer QUESTION for a model of `corpora`."""
    worst = strictest(corpora)
    name = of_weights(corpora)
    if worst == UNKNOWN:
        sets = ", ".join(_titles(corpora, UNKNOWN)) or "its training music"
        return Answer("ask", f"Ask: no licence is known of {sets}.")
    if worst == "no":
        sets = ", ".join(
            f"{c.get('title') or c.get('name')} ({c['licence']})"
            for c in corpora
            if kind(c.get("licence")) == worst
        )
        return Answer("no", f"No: it was trained on {sets}.")
    if worst == "free":
        return Answer("yes", "Yes: its music is in the public domain or CC0, without conditions.")
    if worst == "attribution":
        return Answer("yes", "Yes, with attribution: name the corpora and their licences.")
    copyleft = {kind(c.get("licence")) for c in corpora} >= {"share-alike", "copyleft"}
    if copyleft or " and " in name:
        every = " and ".join(_names(corpora, "share-alike") + _names(corpora, "copyleft"))
        return Answer(
            "ask", f"Ask: {every} each require the model file to be under their own terms."
        )
    return Answer(
        "yes",
        "Yes, with attribution. Share-alike applies to the model file "
        f"(distribute it under {name}), not to what it plays.",
    )


def _names(corpora: Sequence[Mapping[str, Any]], of: str) -> list[str]:
    """Return the distinct names of the licences of one kind."""
    return list(dict.fromkeys(c["licence"] for c in corpora if kind(c.get("licence")) == of))


def _titles(corpora: Sequence[Mapping[str, Any]], of: str) -> list[str]:
    return [str(c.get("title") or c.get("name")) for c in corpora if kind(c.get("licence")) == of]


def _version(name: str) -> tuple[float, str]:
    found = re.search(r"\d+(\.\d+)?", name)
    return float(found[0]) if found else 0.0, name
