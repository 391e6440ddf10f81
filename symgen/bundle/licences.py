"""What the licences of its music mean for a model: how the project reads them, and no legal advice.

A model is made from the music that it was trained on. The strictest licence among the sets decides:

    free          public domain, CC0: nothing is asked
    attribution   CC BY, MIT, Apache, BSD: name the sets
    share-alike   CC BY-SA: the model file is passed on under that licence
    copyleft      GPL and its kin: the model file is passed on under that licence
    no            non-commercial, no derivatives, in copyright: no commercial use
    unknown       nobody said, or the words are not known here: ask

Share-alike and copyleft are of the file, which is derived from the music. What a model plays is new
music, as long as it copies none; `symgen sample --max-copy` sees to that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

KINDS = ("free", "attribution", "share-alike", "copyleft", "no", "unknown")  # the strictest last
UNKNOWN = "unknown"
READING = "symgen's reading of the licences, no legal advice"

# (what a licence's name is searched for, its kind): the first that is found decides
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
    """May it be used commercially? `answer` is "yes", "no" or "ask"; `said` is a sentence of it."""

    answer: str
    said: str


def kind(licence: str | None) -> str:
    """Return which of KINDS the licence called `licence` is."""
    text = str(licence or "").lower().replace("_", "-")
    return next((found for pattern, found in RULES if re.search(pattern, text)), UNKNOWN)


def strictest(corpora: Sequence[Mapping[str, Any]]) -> str:
    """Return the strictest kind among the licences of `corpora`; "unknown" where there are none."""
    return max((kind(c.get("licence")) for c in corpora), key=KINDS.index, default=UNKNOWN)


def of_weights(corpora: Sequence[Mapping[str, Any]]) -> str:
    """Return the licence that follows for a model file: its name, or why it has none."""
    worst = strictest(corpora)
    if worst == UNKNOWN:
        return "unknown"
    names = _names(corpora, worst)
    if worst in ("share-alike", "copyleft"):
        same = {name.split()[1] if name.startswith("CC ") else name for name in names}
        return max(names, key=_version) if len(same) == 1 else " and ".join(names)
    return ", ".join(names)


def commercial(corpora: Sequence[Mapping[str, Any]]) -> Answer:
    """Answer "May I use this commercially?" for a model of `corpora`."""
    worst, name = strictest(corpora), of_weights(corpora)
    if worst == UNKNOWN:
        sets = ", ".join(_titles(corpora, UNKNOWN)) or "the music that it was trained on"
        return Answer("ask", f"Ask: no licence is known of {sets}.")
    if worst == "no":
        sets = ", ".join(
            f"{c.get('title') or c.get('name')} ({c['licence']})"
            for c in corpora
            if kind(c.get("licence")) == worst
        )
        return Answer("no", f"No: it was trained on {sets}.")
    if worst == "free":
        return Answer("yes", "Yes: its music is in the public domain or CC0, and nothing is asked.")
    if worst == "attribution":
        return Answer("yes", "Yes, with attribution: name the sets and their licences.")
    copyleft = {kind(c.get("licence")) for c in corpora} >= {"share-alike", "copyleft"}
    if copyleft or " and " in name:
        every = " and ".join(_names(corpora, "share-alike") + _names(corpora, "copyleft"))
        return Answer("ask", f"Ask: {every} each want the model file under their own terms.")
    return Answer(
        "yes",
        "Yes, with attribution. Share-alike applies to the model file "
        f"(pass it on under {name}), not to what it plays.",
    )


def _names(corpora: Sequence[Mapping[str, Any]], of: str) -> list[str]:
    """Return the names of the licences of one kind, each once."""
    return list(dict.fromkeys(c["licence"] for c in corpora if kind(c.get("licence")) == of))


def _titles(corpora: Sequence[Mapping[str, Any]], of: str) -> list[str]:
    return [str(c.get("title") or c.get("name")) for c in corpora if kind(c.get("licence")) == of]


def _version(name: str) -> tuple[float, str]:
    found = re.search(r"\d+(\.\d+)?", name)
    return float(found[0]) if found else 0.0, name
