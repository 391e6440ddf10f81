"""Targets: what a user asks of the music, by control, each over time (see `schedule`).

The names are those of `symgen.controls.TARGETS`; every value is checked when it is given.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from symgen import regular
from symgen.checks import flag
from symgen.config import MOST_BYTES, NotToml, parse_toml
from symgen.controls import FLAGS, TARGETS, controls
from symgen.controls.base import Control
from symgen.controls.schedule import Schedule, schedule
from symgen.errors import BadOption, DataError, unknown

NAMES = (*TARGETS, *FLAGS)


@functools.cache
def definition(name: str) -> Control:
    """Return the control `name` with its usual options: it reads, encodes and measures targets."""
    made: Control = controls.make({"name": name})
    return made


class Targets:
    """Targets by name: `Targets(density="2:8", key="Am", strict_key=True)`. None sets no target.

    given       the values as they were given, by name
    schedules   the targets over time, by name
    strict_key  whether only notes of the key may sound
    """

    def __init__(self, **given: Any) -> None:
        check_names(given, "target")
        self.strict_key: bool = flag("strict-key", given.pop("strict_key", False) or False)
        self.given: Mapping[str, Any] = {k: v for k, v in given.items() if v is not None}
        self.schedules: Mapping[str, Schedule] = {
            name: _read(name, self.given[name]) for name in TARGETS if name in self.given
        }
        for name, target in FLAGS.items():
            if getattr(self, name) and target not in self.given:
                option = name.replace("_", "-")
                raise BadOption(f"{option} needs a {target}; add one, such as --{target} C")

    def get(self, name: str) -> Any:
        """Return the target `name` as it was given; None if there is none."""
        return self.given.get(name)

    def replace(self, **changes: Any) -> Targets:
        """Return these with some changed; None removes one."""
        return Targets(**{**self.given, "strict_key": self.strict_key, **changes})

    def changed(self, now: float = 0.0, end: float | None = None, **changes: Any) -> Targets:
        """Return these with some changed at the time `now`, in music that ends at `end`.

        The times of the changes count from `now`. Without a key, `strict_key` is off.
        """
        check_names(changes, "target")
        for name, target in changes.items():
            if name in FLAGS or target is None:
                continue
            made = _read(name, target)
            if not made.constant:
                changes[name] = made.over(None if end is None else end - now, name).later(now)
        for name, target in FLAGS.items():
            if changes.get(target, self.get(target)) is None:
                changes.setdefault(name, False)
        return self.replace(**changes)

    def only(self, names: Sequence[str]) -> Targets:
        """Return only the targets `names`."""
        flags = {name: getattr(self, name) for name, target in FLAGS.items() if target in names}
        return Targets(**{k: v for k, v in self.given.items() if k in names}, **flags)

    def over(self, seconds: float | None) -> Targets:
        """Return these with all times in seconds, in music of `seconds` (None: without end)."""
        glides: dict[str, Any] = {
            name: made.over(seconds, name) for name, made in self.schedules.items() if made.shares
        }
        return self.replace(**glides) if glides else self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Targets) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(tuple(self.schedules))

    def __repr__(self) -> str:
        parts = [f"{name}={value!r}" for name, value in self.given.items()]
        return f"Targets({', '.join(parts + ['strict_key=True'] * self.strict_key)})"

    def _parts(self) -> tuple[Any, ...]:
        return self.schedules, self.strict_key


def check_names(names: Iterable[str], kind: str, others: Sequence[str] = ()) -> None:
    """Raise BadOption, with the nearest name, if one is neither a target nor one of `others`."""
    for name in names:
        if name not in NAMES and name not in others:
            raise BadOption(unknown(kind, name, (*NAMES, *others)))


def _read(name: str, target: Any) -> Schedule:
    control = definition(name)
    return schedule(name.replace("_", "-"), target, control.read, control.numeric)


def from_file(path: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return `given` with the targets of the TOML file `path` added.

    The file has an entry for each target: `density = 3`, `key = "C@0,Am@20"`, `strict_key = true`,
    or `density = [{at = 0, value = 2}, {at = 20, value = 8, glide = true}]`. DataError if it cannot
    be opened; BadOption if it is not TOML, has an unknown name, or sets a target of `given`.
    """
    try:
        found = parse_toml(regular.contents(path, MOST_BYTES))
    except OSError as error:
        raise DataError(f"{path}: cannot be opened: {error.strerror or error}") from None
    except NotToml as error:
        raise BadOption(f"{path}: not valid TOML: {error}") from None
    for name, value in found.items():
        if name not in NAMES:
            raise BadOption(f"{path}: {unknown('target', name, NAMES)}")
        if name in FLAGS:
            flag(f"{path}: {name} =", value)
        if given.get(name):
            raise BadOption(f"{name} is set by an option and by {path}; remove one of them")
    return {**given, **found}
