"""What a listener may ask of music while it is made, each over time (see `schedule`). Checked when it is asked."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from symgen.controls.schedule import Schedule, schedule
from symgen.errors import BadOption, DataError, unknown
from symgen.notes.theory.scales import scale


class Range(NamedTuple):
    """What numbers may be asked: from `low` (itself left out where `above`) to `high`, in `unit`."""

    low: float
    high: float
    unit: str
    above: bool = False

    def read(self, name: str, value: object) -> float:
        """Return `value` as a number; BadOption says the unit and the range."""
        fits = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and self.low <= value <= self.high
        )
        if not fits or (self.above and value == self.low):
            low = (
                f"above {self.low:g}, a number from {self.low:g}"
                if self.above
                else f"a number from {self.low:g}"
            )
            raise BadOption(f"{name} {value!r}: expected {self.unit}, {low} to {self.high:g}")
        return float(value)  # type: ignore[arg-type]


RANGES = {
    "density": Range(0, 50, "notes per second", above=True),
    "loudness": Range(1, 127, "mean velocity"),
    "register": Range(0, 127, "mean pitch (60 is middle C)"),
    "polyphony": Range(0, 32, "pitches at once", above=True),
}


def _histogram(value: Any) -> tuple[float, ...]:
    """Return twelve weights of C to B, from numbers or from text such as 2,0,1,0,1,1,0,1,0,1,0,1."""
    try:
        weights = tuple(float(w) for w in (value.split(",") if isinstance(value, str) else value))
    except (TypeError, ValueError):
        weights = ()
    if len(weights) != 12:
        raise BadOption(
            f"pitch-histogram {value!r}: expected 12 weights of C to B{f', not {len(weights)}' if weights else ''}, "
            "such as 2,0,1,0,1,1,0,1,0,1,0,1"
        )
    if not all(0 <= w < math.inf for w in weights) or not any(weights):
        raise BadOption(f"pitch-histogram {value!r}: expected weights of 0 or more, not all 0")
    return weights


def _key(value: Any) -> str:
    return scale(value).name


def _label(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadOption(f"label {value!r}: expected a name, such as Debussy")
    return value.strip()


READERS: dict[str, Callable[[Any], Any]] = {
    "key": _key,
    "pitch_histogram": _histogram,
    "label": _label,
}
NAMES = ("key", "density", "pitch_histogram", "loudness", "register", "polyphony", "label")


@dataclasses.dataclass(frozen=True)
class Targets:
    """A value each, or values over time as `schedule` reads them; None asks nothing. `strict_key` bars strikes outside the key.

    `wishes` holds what is asked, read, by name.
    """

    key: Any = None
    density: Any = None
    strict_key: bool = False
    pitch_histogram: Any = None
    loudness: Any = None
    register: Any = None
    polyphony: Any = None
    label: Any = None
    wishes: Mapping[str, Schedule] = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        read = {
            name: _read(name, asked) for name in NAMES if (asked := getattr(self, name)) is not None
        }
        if self.strict_key and "key" not in read:
            raise BadOption("strict-key is asked without a key; add one, such as --key C")
        object.__setattr__(self, "wishes", read)

    def changed(self, now: float = 0.0, end: float | None = None, **changes: Any) -> Targets:
        """Return these with some changed, whose times count from `now`, in music that ends at `end`; BadOption as when asked."""
        for name, asked in changes.items():
            if name not in (*NAMES, "strict_key"):
                raise BadOption(unknown("control", name, (*NAMES, "strict_key")))
            if name in NAMES and asked is not None and not (made := _read(name, asked)).constant:
                changes[name] = made.over(None if end is None else end - now, name).later(now)
        if changes.get("key", self.key) is None and "strict_key" not in changes:
            changes["strict_key"] = False
        return dataclasses.replace(self, **changes)

    def only(self, names: Sequence[str]) -> Targets:
        """Return these with nothing asked but `names`."""
        return Targets(
            **{name: getattr(self, name) for name in names},
            strict_key=self.strict_key and "key" in names,
        )

    def over(self, seconds: float | None) -> Targets:
        """Return these with all times in seconds, in music of so many (None: without end)."""
        glide: dict[str, Any] = {
            name: wish.over(seconds, name) for name, wish in self.wishes.items() if wish.shares
        }
        return dataclasses.replace(self, **glide) if glide else self


def controls(wishes: Mapping[str, Any], others: Sequence[str] = ()) -> Targets:
    """Return what is asked by name; BadOption where a name is neither of a control nor one of `others`."""
    known = (*NAMES, "strict_key")
    for name in wishes:
        if name not in known:
            raise BadOption(unknown("option", name, (*known, *others)))
    return Targets(**wishes)


def _read(name: str, asked: Any) -> Schedule:
    if name == "pitch_histogram" and isinstance(asked, str):
        asked = _histogram(asked)  # its commas are its own
    reader = READERS.get(name) or (lambda value: RANGES[name].read(name, value))
    return schedule(name, asked, reader, name in RANGES)


def from_file(path: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return `given` with what the TOML file `path` asks beside it.

    It has an entry for each control: `density = 3`, `key = "C@0,Am@20"`, or `density = [{at = 0, value = 2}, {at = 20, value = 8,
    glide = true}]`, and `strict_key = true`. BadOption where it cannot be read, or asks what is asked twice.
    """
    try:
        asked = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be opened: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadOption(f"{path}: not valid TOML: {error}") from None
    known = (*NAMES, "strict_key")
    for name, value in asked.items():
        if name not in known:
            raise BadOption(f"{path}: {unknown('control', name, known)}")
        if name == "strict_key" and not isinstance(value, bool):
            raise BadOption(f"{path}: strict_key {value!r}: expected true or false")
        if given.get(name):
            raise BadOption(f"{name} is asked by an option and by {path}; leave one out")
    return {**given, **asked}
