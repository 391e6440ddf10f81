"""A page as one self-contained HTML file: styles, pictures and audio are in it, and no script.

It fits a phone: nothing but the numbers behind a figure ever scrolls sideways. On a narrow screen
a table with several columns becomes a list, with the name of the column before each value.
"""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Sequence
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

from symgen import __version__
from symgen.evaluation.verdict import Answer
from symgen.notes import write
from symgen.notes.sequence import NoteSequence
from symgen.report.figure import Figure, Table, is_number, shown
from symgen.report.page import (
    Audio,
    Code,
    Folded,
    Heading,
    Page,
    Part,
    Section,
    Verdict,
    Words,
    players,
)
from symgen.report.plotting import svg
from symgen.report.plotting.drawing import DARK, LIGHT
from symgen.report.writers.sound import BYTES, Sound, sound
from symgen.types import Progress

MAX_ROWS = 200  # of the table behind a figure; a longer one is only in the CSV of a folder
LONG, LONG_WORD = 36, 16  # letters of a cell that is wrapped, and of a word that is broken
NARROW = 5  # columns of a table that fits a phone as it is
# So that a browser fetches nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
ROWS = {Figure: "figures", Audio: "players"}  # the class of a row
Sounds = dict[str, Sound | str]

words = svg.words


def render(page: Page, progress: Progress | None = None, soundfont: str | None = None) -> str:
    """Return the page as HTML; `progress` counts the audio, which takes most of the time."""
    sounds = _sounds(page, progress, soundfont)
    body = [_head(page), *(_section(section, sounds) for section in page.sections), _foot()]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{words(page.title)}</title><style>{_style()}</style></head>\n<body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def _sounds(page: Page, progress: Progress | None, soundfont: str | None) -> Sounds:
    some = list(players(page))
    made = Sounds()
    room = BYTES
    for i, player in enumerate(some):
        if progress:
            progress(i, len(some), "rendering samples")
        found = made[player.name] = sound(player.sequence, room, soundfont)
        room -= found.size if isinstance(found, Sound) else 0
    return made


def _style() -> str:
    css = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    for name, colours in (("LIGHT", LIGHT), ("DARK", DARK)):
        theme = "".join(f"--{role}:{value};" for role, value in colours.items())
        css = re.sub(rf"\b{name}\b", theme, css)
    return css + svg.style({role: f"var(--{role})" for role in LIGHT})


def _head(page: Page) -> str:
    links = "".join(
        f'<li><a href="#{_anchor(s.title)}">{words(s.title)}</a></li>' for s in page.sections
    )
    lead = "".join(_part(part, {}) for part in page.lead)
    nav = f'<nav aria-label="Sections"><ul>{links}</ul></nav>'
    return f"<header><h1>{words(page.title)}</h1>{lead}</header>{nav}"


def _foot() -> str:
    return (
        f"<footer>Made by symgen {words(__version__)}. This file is complete: it loads nothing "
        "from elsewhere.</footer>"
    )


def _section(section: Section, sounds: Sounds) -> str:
    inner = _parts(section.parts, sounds)
    anchor = _anchor(section.title)
    return f'<section id="{anchor}"><h2>{words(section.title)}</h2>{inner}</section>'


def _parts(parts: Sequence[Part], sounds: Sounds) -> str:
    """Return the parts; successive figures or players share a row where there is room."""
    inner = []
    for kind, some in groupby(parts, lambda part: ROWS.get(type(part))):
        made = "".join(_part(part, sounds) for part in some)
        inner.append(f'<div class="{kind}">{made}</div>' if kind else made)
    return "".join(inner)


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def _part(part: Part, sounds: Sounds) -> str:
    if isinstance(part, Words):
        kind = f' class="{part.kind}"' if part.kind else ""
        return f"<p{kind}>{words(part.text)}</p>"
    if isinstance(part, Verdict):
        return f'<dl class="verdict">{"".join(_answer(one) for one in part.answers)}</dl>'
    if isinstance(part, Heading):
        return f"<h3>{words(part.text)}</h3>"
    if isinstance(part, Code):
        return f'<h3>{words(part.title)}</h3><pre tabindex="0">{words(part.text)}</pre>'
    if isinstance(part, Figure):
        return _figure(part)
    if isinstance(part, Audio):
        return _player(part, sounds[part.name])
    if isinstance(part, Folded):
        return _details(part.title, _parts(part.parts, sounds))
    return _table(part)


def _answer(answer: Answer) -> str:
    short = f"<b>{words(answer.short)}.</b> " if answer.short else ""
    return f"<dt>{words(answer.question)}</dt><dd>{short}{words(answer.text)}</dd>"


def _details(title: str, inner: str) -> str:
    return f"<details><summary>{words(title)}</summary>{inner}</details>"


def _figure(figure: Figure, titled: bool = True) -> str:
    picture = svg.embedded(figure.drawing, figure.name, f"{figure.title}. {figure.about}")
    about = figure.about[:1].upper() + figure.about[1:]
    caption = f"<b>{words(figure.title)}.</b> " * titled + words(about)
    return f"<figure>{picture}<figcaption>{caption}</figcaption>{_numbers(figure.table)}</figure>"


def _numbers(table: Table) -> str:
    """Return the numbers behind a figure, folded; a wide table scrolls."""
    if len(table.rows) > MAX_ROWS:
        return ""
    label = f'tabindex="0" role="group" aria-label="{words(table.title)}"'
    inner = f'<div class="scroll" {label}>{_grid(table)}</div>'
    return _details("The numbers", inner)


def _table(table: Table) -> str:
    return _grid(table, f"<caption>{words(table.title)}</caption>", len(table.columns) > NARROW)


def _grid(table: Table, caption: str = "", stacked: bool = False) -> str:
    """Return a table; `stacked` rows become lists on a narrow screen."""
    columns = range(len(table.columns))
    cells = [[row[i] for row in table.rows] for i in columns]
    right = [bool(column) and all(map(is_number, column)) for column in cells]
    head = "".join(
        f'<th scope="col"{_kind(name, flush)}>{words(name)}</th>'
        for name, flush in zip(table.columns, right, strict=True)
    )
    labels = table.columns if stacked else [""] * len(table.columns)
    body = "".join(f"<tr>{_row(row, right, labels)}</tr>" for row in table.rows)
    kind = ' class="stacked"' if stacked else ""
    return f"<table{kind}>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(row: Sequence[Any], right: Sequence[bool], labels: Sequence[str]) -> str:
    cells = []
    for cell, flush, label in zip(row, right, labels, strict=True):
        text = shown(cell)
        name = f' data-label="{words(label)}"' if label else ""
        cells.append(f"<td{_kind(text, flush)}{name}>{words(text)}</td>")
    return "".join(cells)


def _kind(text: str, flush: bool) -> str:
    """Return the class of a cell: n (number), t (long text), w (a long word, broken anywhere)."""
    kinds = ["n"] if flush else ["t"] * (len(text) > LONG)
    kinds += ["w"] * any(len(word) > LONG_WORD for word in text.split())
    return f' class="{" ".join(kinds)}"' if kinds else ""


def _player(part: Audio, made: Sound | str) -> str:
    title = words(part.title)
    link = f"{words(part.name)}.mid"
    midi = f'<a download="{link}" href="{midi_uri(part.sequence)}">MIDI file</a>'
    if isinstance(made, str):
        audio = f'<p class="faint">{words(made)}; {midi}</p>'
    else:
        whole = part.sequence.total_time
        cut = f", the first of {whole:.0f} s" if made.seconds < whole - 5 else ""
        audio = (
            f'<audio controls preload="none" src="{made.uri}" aria-label="{title}"></audio>'
            f'<p class="faint">{made.seconds:.0f} s{cut}; {midi}</p>'
        )
    return f'<div class="player"><h3>{title}</h3>{audio}{_figure(part.picture, titled=False)}</div>'


def midi_uri(sequence: NoteSequence) -> str:
    """Return a piece as a data: URI of its MIDI file."""
    with tempfile.TemporaryDirectory(prefix="symgen") as folder:
        path = Path(folder) / "sample.mid"
        write(sequence, path)
        return "data:audio/midi;base64," + base64.b64encode(path.read_bytes()).decode()
