"""What a page is made of, whoever writes it: sections of words, figures, tables, players and code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from symgen.notes.sequence import NoteSequence
from symgen.report.figure import Figure, Table


class Words(NamedTuple):
    """A paragraph; `kind` is "", "faint", "verdict" or "warning"."""

    text: str
    kind: str = ""


class Code(NamedTuple):
    """Lines to be read as they are, under a title."""

    title: str
    text: str


class Audio(NamedTuple):
    """A piece to hear, under its name."""

    name: str
    title: str
    sequence: NoteSequence


Part = Words | Code | Figure | Table | Audio


@dataclass(frozen=True)
class Section:
    """A part of a page; figures that follow one another stand side by side where there is room."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Page:
    """A whole report: its title, what it says at once, and its sections."""

    title: str
    lead: Sequence[Words]
    sections: Sequence[Section]
