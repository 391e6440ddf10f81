"""A page as one HTML file that needs nothing beside it: styles, pictures and sounds lie in it, and it runs no script."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from itertools import groupby
from typing import Any

from symgen import __version__
from symgen.notes.sequence import NoteSequence
from symgen.report.figure import Figure, Table, is_number, shown
from symgen.report.page import Audio, Code, Page, Part, Section, Words
from symgen.report.plotting import svg
from symgen.report.plotting.drawing import DARK, LIGHT
from symgen.report.writers.sound import BYTES, Sound, sound

MOST_ROWS = 200  # of a table behind a figure; more are in the CSV alone
LONG = 36  # letters of a cell that is wrapped
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"  # so that a browser fetches nothing
words = svg.words
Said = Callable[[int, int, str], None]


def render(page: Page, progress: Said | None = None, soundfont: str | None = None) -> str:
    """Return the page as HTML; `progress` is told of the sounds, which take most of the time."""
    players = [p for s in page.sections for p in s.parts if isinstance(p, Audio)]
    sounds, room = dict[str, Sound | str](), BYTES
    for i, player in enumerate(players):
        if progress:
            progress(i, len(players), "rendering samples")
        made = sounds[player.name] = sound(player.sequence, room, soundfont)
        room -= made.size if isinstance(made, Sound) else 0
    body = [
        _head(page),
        *(_section(s, sounds) for s in page.sections),
        f"<footer>Made by symgen {words(__version__)}. Everything is in this file; nothing is fetched.</footer>",
    ]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{words(page.title)}</title>'
        f"<style>{_style()}</style></head>\n<body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def _style() -> str:
    css = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    themes = {
        name: "".join(f"--{role}:{value};" for role, value in colours.items())
        for name, colours in (("LIGHT", LIGHT), ("DARK", DARK))
    }
    css = re.sub("LIGHT|DARK", lambda m: themes[m[0]], css)
    return css + svg.style({role: f"var(--{role})" for role in LIGHT})


def _head(page: Page) -> str:
    links = "".join(
        f'<li><a href="#{_anchor(s.title)}">{words(s.title)}</a></li>' for s in page.sections
    )
    lead = "".join(_words(w) for w in page.lead)
    return f'<header><h1>{words(page.title)}</h1>{lead}</header><nav aria-label="Sections"><ul>{links}</ul></nav>'


def _section(section: Section, sounds: dict[str, Sound | str]) -> str:
    inner = []
    for side_by_side, some in groupby(
        section.parts, lambda p: isinstance(p, Figure) and not p.wide
    ):
        made = "".join(_part(p, sounds) for p in some)
        inner.append(f'<div class="figures">{made}</div>' if side_by_side else made)
    return f'<section id="{_anchor(section.title)}"><h2>{words(section.title)}</h2>{"".join(inner)}</section>'


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def _part(part: Part, sounds: dict[str, Sound | str]) -> str:
    if isinstance(part, Words):
        return _words(part)
    if isinstance(part, Code):
        return f'<h3>{words(part.title)}</h3><pre tabindex="0">{words(part.text)}</pre>'
    if isinstance(part, Figure):
        return _figure(part)
    if isinstance(part, Audio):
        return _player(part, sounds[part.name])
    return _folded(part, part.title) if part.folded else _scrolled(part, _table(part))


def _words(part: Words) -> str:
    return (
        f"<p{f' class={chr(34)}{part.kind}{chr(34)}' if part.kind else ''}>{words(part.text)}</p>"
    )


def _figure(figure: Figure) -> str:
    picture = svg.embedded(figure.drawing, figure.name, f"{figure.title}. {figure.about}")
    if figure.wide:
        size = f'width="{svg.num(figure.drawing.width)}" height="{svg.num(figure.drawing.height)}"'
        picture = _scrolled(figure.table, picture.replace("<svg ", f"<svg {size} ", 1))
    table = _folded(figure.table, "The numbers") if len(figure.table.rows) <= MOST_ROWS else ""
    return (
        f"<figure{' class=' + chr(34) + 'wide' + chr(34) if figure.wide else ''}>{picture}"
        f"<figcaption><b>{words(figure.title)}.</b> {words(figure.about)}</figcaption>{table}</figure>"
    )


def _folded(table: Table, title: str) -> str:
    return f"<details><summary>{words(title)}</summary>{_scrolled(table, _table(table, False))}</details>"


def _scrolled(table: Table, inner: str) -> str:
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{words(table.title)}">{inner}</div>'


def _table(table: Table, caption: bool = True) -> str:
    right = [
        bool(table.rows) and all(is_number(row[i]) for row in table.rows)
        for i in range(len(table.columns))
    ]
    head = _cells("th", ' scope="col"', table.columns, right)
    body = "".join(f"<tr>{_cells('td', '', row, right)}</tr>" for row in table.rows)
    title = f"<caption>{words(table.title)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(tag: str, more: str, cells: Sequence[Any], right: Sequence[bool]) -> str:
    kinds = [
        " class=n" if flush else " class=t" if len(shown(cell)) > LONG else ""
        for cell, flush in zip(cells, right, strict=True)
    ]
    return "".join(
        f"<{tag}{more}{kind}>{words(shown(cell))}</{tag}>"
        for cell, kind in zip(cells, kinds, strict=True)
    )


def _player(part: Audio, heard: Sound | str) -> str:
    links = f'<a download="{words(part.name)}.mid" href="{midi_uri(part.sequence)}">MIDI file</a>'
    if isinstance(heard, str):
        return f'<h3>{words(part.title)}</h3><p class="faint">{words(heard)}; {links}</p>'
    whole = part.sequence.total_time
    cut = f", the first of {whole:.0f} s" if heard.seconds < whole - 5 else ""
    return (
        f'<h3>{words(part.title)}</h3><audio controls preload="none" src="{heard.uri}" aria-label="{words(part.title)}"></audio>'
        f'<p class="faint">{heard.seconds:.0f} s{cut}; {links}</p>'
    )


def midi_uri(sequence: NoteSequence) -> str:
    """Return a piece as a data: URI of its MIDI file."""
    import tempfile
    from pathlib import Path

    from symgen.notes import write

    with tempfile.TemporaryDirectory(prefix="symgen") as folder:
        path = Path(folder) / "sample.mid"
        write(sequence, path)
        return "data:audio/midi;base64," + base64.b64encode(path.read_bytes()).decode()


def figures(page: Page) -> Iterator[Figure]:
    """Yield the figures of a page in order."""
    yield from (p for s in page.sections for p in s.parts if isinstance(p, Figure))


def tables(page: Page) -> Iterator[Table]:
    """Yield the tables of a page that stand by themselves."""
    yield from (p for s in page.sections for p in s.parts if isinstance(p, Table))
