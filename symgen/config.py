"""Configs: TOML files with one table per section, found by name or path.

A config describes a whole run. The fields of a dataclass say what its section may hold (`into`), so
there is no central list of options. `section.key=value` changes one value.

The config of a run, which holds every option, has the number of its `format`. A config without one
is of format 1.
"""

from __future__ import annotations

import copy
import dataclasses
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from symgen import regular
from symgen.bounded.json_text import too_deep
from symgen.errors import BadOption, shorten, too_new, unknown

Table = dict[str, Any]
FORMAT = 2  # of the folder of a run; format 1 has no number
MOST_BYTES = 1 << 20  # of a config
DEEPEST = 32  # tables inside tables
KINDS = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "true or false",
    dict: "a table",
    Mapping: "a table",
}


def shipped(kind: str) -> Path:
    """Return the folder of the `configs` or `corpora` of symgen, in a checkout or a wheel."""
    inside = Path(str(resources.files("symgen"))) / kind
    return inside if inside.is_dir() else Path(str(resources.files("symgen"))).parent / kind


def names() -> list[str]:
    """Return the names of the configs that ship with symgen."""
    return sorted(p.stem for p in shipped("configs").glob("*.toml"))


def load(name: str | Path, overrides: Iterable[str] = ()) -> Table:
    """Read the config called `name`, or the TOML file at that path, and apply the overrides."""
    path = Path(name)
    if path.suffix != ".toml":
        path = shipped("configs") / f"{name}.toml"
        if not path.is_file():
            raise BadOption(unknown("config", str(name), names()) + " Or name a .toml file.")
    table = read_toml(path)
    table.setdefault("name", path.stem)
    for text in overrides:
        table = override(table, text)
    return table


def read_toml(path: Path) -> Table:
    """Read a TOML file; BadOption says what is wrong with it, or that it is newer than this."""
    try:
        table = parse_toml(regular.contents(path, MOST_BYTES))
    except OSError as error:
        raise BadOption(f"{path}: {error.strerror or error}") from None
    except NotToml as error:
        raise BadOption(f"{path}: not valid TOML: {error}") from None
    version = table.get("format", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadOption(f"{path}: format = {shorten(repr(version))}: expected a whole number")
    if version > FORMAT:
        raise BadOption(f"{path}: {too_new(version, FORMAT)}")
    return table


class NotToml(ValueError):
    """Text that is no TOML, or is nested beyond DEEPEST."""


_WORD = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DEEP_KEY = re.compile(rf"(?<![\w-])(?:{_WORD}[ \t]*+\.[ \t]*+){{{DEEPEST},}}+")


def parse_toml(data: bytes) -> Table:
    """Return the table in a TOML file; NotToml says what is wrong with it.

    tomllib takes memory that grows with the square of the length of a dotted key, and recurses into
    brackets; nothing that symgen reads needs either.
    """
    try:
        text = data.decode("utf-8")
        if _DEEP_KEY.search(text):
            raise NotToml(f"a key of more than {DEEPEST} parts")
        found = tomllib.loads(text)
        if too_deep(found, DEEPEST):
            raise RecursionError
        return found
    except RecursionError:
        raise NotToml("too many brackets inside one another") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotToml(str(error)) from None


def override(table: Mapping[str, Any], text: str) -> Table:
    """Return `table` with one `section.key=value` applied.

    The value is read as TOML, or as text if it is not TOML.
    """
    key, equals, raw = text.partition("=")
    parts = key.strip().split(".")
    if not equals or len(parts) < 2 or not all(parts):
        raise BadOption(f"--set {text!r}: expected section.key=value, such as training.batch=32")
    try:
        value = tomllib.loads(f"v = {raw.strip()}")["v"]
    except tomllib.TOMLDecodeError:
        value = raw.strip()
    out = copy.deepcopy(dict(table))
    place = out
    for part in parts[:-1]:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise BadOption(f"--set {text!r}: {part} is a value, not a section")
    place[parts[-1]] = value
    return out


def into(cls: type, table: Mapping[str, Any], section: str) -> Any:
    """Build the dataclass `cls` from a section; BadOption for an unknown key or a wrong type."""
    hints = typing.get_type_hints(cls)
    fields = [f.name for f in dataclasses.fields(cls) if f.init]
    for key, value in table.items():
        if key not in fields:
            raise BadOption(f"[{section}] " + unknown("key", key, fields))
        if not _fits(value, hints[key]):
            raise BadOption(f"[{section}] {key} = {value!r}: expected {_kind(hints[key])}")
    return cls(**table)


def _fits(value: Any, hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if hint is Any:
        return True
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, h) for h in typing.get_args(hint))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if origin in (list, tuple):
        return isinstance(value, list | tuple) and all(
            _fits(v, typing.get_args(hint)[0]) for v in value
        )
    return isinstance(value, origin or hint)


def _kind(hint: Any) -> str:
    """Return the type of a field in words."""
    origin = typing.get_origin(hint)
    inside = typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_kind(each) for each in inside if each is not type(None))
    if origin in (list, tuple):
        return f"a list, each {_kind(inside[0])}"
    return KINDS.get(origin or hint, getattr(hint, "__name__", str(hint)))


def dumps(table: Mapping[str, Any]) -> str:
    """Return a config as TOML that `tomllib` reads back equal.

    Its values are tables, lists, strings, numbers and booleans; None is left out.
    """
    plain = [
        f"{k} = {_value(v)}"
        for k, v in table.items()
        if not isinstance(v, Mapping) and v is not None
    ]
    blocks = ["\n".join(plain)] if plain else []
    for name, section in table.items():
        if isinstance(section, Mapping):
            lines = [f"{k} = {_value(v)}" for k, v in section.items() if v is not None]
            blocks.append("\n".join([f"[{name}]", *lines]))
    return "\n\n".join(blocks) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return '"' + "".join(_escaped(c) for c in value) + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    raise TypeError(f"TOML cannot hold a {type(value).__name__}")


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else f"\\U{ord(char):08x}"
