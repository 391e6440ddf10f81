"""Registries: names of classes that are imported on first use, so that a list of names is cheap."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from typing import Any

from symgen.errors import BadOption, UnknownName, unknown


class Registry(dict[str, str]):
    """Maps a name to "module:Class"; one line registers a class."""

    def __init__(self, kind: str, entries: Mapping[str, str]) -> None:
        super().__init__(entries)
        self.kind = kind

    def load(self, name: str) -> Any:
        """Return the class registered as `name`; UnknownName lists the names."""
        if not isinstance(name, str) or name not in self:
            raise UnknownName(unknown(self.kind, name, self))
        module, attribute = self[name].split(":")
        return getattr(importlib.import_module(module), attribute)

    def option_names(self, name: str) -> list[str]:
        """Return the names of the options of the class registered as `name`."""
        return [field.name for field in dataclasses.fields(self.load(name)) if field.init]

    def make(self, table: Mapping[str, Any]) -> Any:
        """Build an object from `table`, which holds its `name` and its options.

        A class whose options had other names earlier has a class method `options`, which returns
        those of a table under the names of today.
        """
        options = dict(table)
        if "name" not in options:
            raise BadOption(f"the {self.kind} has no name; known: {', '.join(sorted(self))}")
        cls = self.load(options.pop("name"))
        if hasattr(cls, "options"):
            options = cls.options(options)
        allowed = self.option_names(table["name"])
        for key in options:
            if key not in allowed:
                raise BadOption(unknown(f"option of {self.kind} {table['name']!r}", key, allowed))
        return cls(**options)
