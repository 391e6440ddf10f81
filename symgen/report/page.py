"""The parts of a page, whatever it is written as: verdict, words, figures, tables, audio, code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from symgen.evaluation.verdict import Answer
from symgen.notes.sequence import NoteSequence
from symgen.report.figure import Figure, Table


class Words(NamedTuple):
    """A paragraph; `kind` is "", "faint" or "warning"."""

    text: str
    kind: str = ""


class Verdict(NamedTuple):
    """Questions and their answers in plain words."""

    answers: Sequence[Answer]


class Heading(NamedTuple):
    """A heading inside a section."""

    text: str


class Code(NamedTuple):
    """Preformatted lines under a title."""

    title: str
    text: str


class Audio(NamedTuple):
    """A piece to listen to, with its picture; `name` is the stem of its files."""

    name: str
    title: str
    sequence: NoteSequence
    picture: Figure


class Folded(NamedTuple):
    """Parts that are hidden until the reader opens them."""

    title: str
    parts: Sequence[Figure | Table | Words]


Part = Words | Verdict | Heading | Code | Figure | Table | Audio | Folded


@dataclass(frozen=True)
class Section:
    """A part of a page; successive figures and players share a row where there is room."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Page:
    """A whole report: its title, what it says first, and its sections."""

    title: str
    lead: Sequence[Words | Verdict]
    sections: Sequence[Section]


def all_parts(page: Page) -> Iterator[Part]:
    """Yield the parts of all sections in order, and after each the parts inside it."""
    for section in page.sections:
        for part in section.parts:
            yield part
            if isinstance(part, Folded):
                yield from part.parts
            elif isinstance(part, Audio):
                yield part.picture


def figures(page: Page) -> Iterator[Figure]:
    """Yield all figures of a page in order."""
    yield from (part for part in all_parts(page) if isinstance(part, Figure))


def tables(page: Page) -> Iterator[Table]:
    """Yield all tables of a page that do not belong to a figure."""
    yield from (part for part in all_parts(page) if isinstance(part, Table))


def players(page: Page) -> Iterator[Audio]:
    """Yield the pieces of a page to listen to."""
    yield from (part for part in all_parts(page) if isinstance(part, Audio))
