"""Controls: what a model can be conditioned on, and what a user can ask of its samples.

REGISTRY is the only list. Every control has one line here and one class in `controls/members`. A
line with a help text is a target as well: an option of `symgen sample`, a keyword argument of
`sample` and `stream`, an entry of a TOML file of targets, and a field of the form
(`symgen.controls.schema`). The help text is on the line, and not in the class, because
`symgen sample --help` must not import NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from symgen.registry import Registry

if TYPE_CHECKING:
    from symgen.controls.base import Control as Control
    from symgen.controls.base import Follower as Follower
    from symgen.controls.base import Rows as Rows
    from symgen.controls.base import columns as columns
    from symgen.controls.base import compute_all as compute_all
    from symgen.controls.base import compute_part as compute_part
    from symgen.controls.base import total_width as total_width

EXPORTS = (
    "Control",
    "Follower",
    "Rows",
    "columns",
    "compute_all",
    "compute_part",
    "total_width",
)


class Entry(NamedTuple):
    """A control: the place of its class and, for a target, how its option is shown.

    `flag` is an option that goes with the target, true or false, with a help text of its own.
    """

    place: str
    metavar: str = ""
    help: str = ""
    flag: str = ""
    flag_help: str = ""


REGISTRY = {
    "key": Entry(
        "symgen.controls.members.key:Key",
        "KEY",
        "Key: C, Am, 'F# minor', Bb, 'D dorian', or over time 'C@0,Am@20,C@40'.",
        "strict_key",
        "Allow only notes of the key.",
    ),
    "density": Entry(
        "symgen.controls.members.density:Density",
        "N",
        "Notes per second: 3, 2:8 (a glide over the piece), 2@0:8@20 (over 20 s) or '3@0,6@15' "
        "(a step).",
    ),
    "articulation": Entry(
        "symgen.controls.members.articulation:Articulation",
        "N",
        "Note length over the time to the next onset: 0.5 is staccato, 1 legato (only models "
        "trained with it).",
    ),
    "pitch_histogram": Entry(
        "symgen.controls.members.pitch_histogram:PitchHistogram",
        "W,W,...",
        "Weights of the twelve pitch classes from C to B (only models trained with it).",
    ),
    "loudness": Entry(
        "symgen.controls.members.loudness:Loudness",
        "N",
        "Mean velocity, such as 60 or 40:90 (only models trained with it).",
    ),
    "register": Entry(
        "symgen.controls.members.register:Register",
        "N",
        "Mean pitch, such as 72; 60 is middle C.",
    ),
    "polyphony": Entry(
        "symgen.controls.members.polyphony:Polyphony",
        "N",
        "Mean number of pitches that sound at once, such as 3.",
    ),
    "label": Entry(
        "symgen.controls.members.label:Label",
        "NAME",
        "Composer or other label, such as Debussy (only models trained with labels).",
    ),
    "meter": Entry("symgen.controls.members.meter:Meter"),
    "position": Entry("symgen.controls.members.position:Position"),
    "recall": Entry("symgen.controls.members.recall:Recall"),
    "sounding": Entry("symgen.controls.members.sounding:Sounding"),
}

TARGETS = tuple(name for name, entry in REGISTRY.items() if entry.help)
"""The controls that a user can ask for."""

FLAGS = {entry.flag: name for name, entry in REGISTRY.items() if entry.flag}
"""The flags that go with a target, and the target of each."""

controls = Registry("control", {name: entry.place for name, entry in REGISTRY.items()})


def __getattr__(name: str) -> Any:
    """Return one of EXPORTS; `base` imports NumPy, which a list of names does not need."""
    if name in EXPORTS:
        from symgen.controls import base

        return getattr(base, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def make_all(tables: Iterable[Mapping[str, Any]]) -> tuple[Control, ...]:
    """Build the controls that `tables` describe, each a name and options.

    UnknownName or BadOption names what there is.
    """
    return tuple(controls.make(table) for table in tables)
