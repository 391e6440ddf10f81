"""How a target is met: the model is conditioned on it, its logits are steered, or both."""

from __future__ import annotations

from collections.abc import Sequence

from symgen.checks import one_of
from symgen.controls import TARGETS, Control
from symgen.controls.targets import Targets, definition
from symgen.encodings import Encoding
from symgen.errors import BadOption
from symgen.sampling import steers

METHODS = ("condition", "steer", "both")
RENAMED = {"told": "condition", "steered": "steer"}  # the old names
DONE = {"condition": "conditioned", "steer": "steered", "both": "conditioned and steered"}
MISSING = {"condition": "conditioned on", "steer": "steered by"}


def available(controls: Sequence[Control], encoding: Encoding) -> dict[str, tuple[str, ...]]:
    """Return by target the methods that a model of `encoding` with `controls` has."""
    return {name: _methods(name, controls, encoding) for name in TARGETS}


def _methods(target: str, controls: Sequence[Control], encoding: Encoding) -> tuple[str, ...]:
    has = {
        "condition": _carrier(target) in [control.name for control in controls],
        "steer": target in steers and steers.load(target).serves(encoding),
    }
    return tuple(method for method, there in has.items() if there)


def choose(
    targets: Targets, controls: Sequence[Control], method: str, encoding: Encoding
) -> dict[str, str]:
    """Return the method for each target of a model of `encoding` with `controls`.

    `method` "both" uses all that the model has; "condition" or "steer" only that one, but a strict
    key uses both. BadOption if a target cannot be met.
    """
    one_of("method", method, METHODS)
    out = {}
    for name in targets.schedules:
        either = method == "both" or (name == "key" and targets.strict_key)
        used = [m for m in _methods(name, controls, encoding) if either or m == method]
        if not used:
            raise BadOption(_cannot(name, method, available(controls, encoding)))
        out[name] = "both" if len(used) == 2 else used[0]
    return out


def _carrier(target: str) -> str:
    """Return the control that holds a target."""
    return definition(target).carrier or target


def _cannot(target: str, method: str, has: dict[str, tuple[str, ...]]) -> str:
    option = target.replace("_", "-")
    conditioned = [name for name, methods in has.items() if "condition" in methods]
    steered = [name for name, methods in has.items() if "steer" in methods]
    can = f"can be conditioned on {_listed(conditioned)}, and steered by {_listed(steered)}"
    if has[target]:
        return f"--method {method}: this model cannot be {MISSING[method]} {option}; it {can}"
    return (
        f"this model has no control for {option}: it {can}. "
        f"Remove --{option}, or use a model trained with {_carrier(target)}"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"


def met(targets: Targets, found: dict[str, str], by: str) -> list[str]:
    """Return the targets that are met `by` "condition" or by "steer"."""
    return [name for name in targets.schedules if found[name] in (by, "both")]
