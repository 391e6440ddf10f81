"""What must hold of a bundle before it plays: its parts agree, and it reproduces its test vector.

Each check raises DataError, which names the file and says what is wrong with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from symgen.bounded.arrays import Header, Headers, load
from symgen.bundle.sizes import sizes_of
from symgen.errors import BadOption, DataError
from symgen.models import Neural, Sizes
from symgen.runtime import guard
from symgen.runtime.base import Player
from symgen.runtime.check import TOLERANCE, TOLERANCE_INT8, differences, replay

if TYPE_CHECKING:
    from symgen.bundle.bundle import Bundle

Arrays = dict[str, npt.NDArray[Any]]

STEPS = 16  # of the test vector that are replayed before a bundle plays: 8 ms of one that ships
SECONDS = 0.3  # of processor time, after which no more of them are
ENOUGH = 2  # steps that are replayed however long they take
LONGEST = 1024  # steps of a test vector
ROUGH = 0.5  # of the largest logit: int8 may differ by so much from a test vector of float32,
# which is the only one of bundles that were quantised before there was TEST_INT8
ARRAYS = 1 << 30  # bytes of all weights
COUNTS = 1 << 26  # numbers in the tables of an n-gram

TEST, TEST_INT8 = "test.npz", "test.int8.npz"

_proven = set[tuple[str, ...]]()  # what was replayed in this process: the checksums of the members


def sizes(bundle: Bundle) -> Sizes:
    """Return the fields and the width, which the bundle must declare as its encoding has them."""
    info = bundle.record
    declared = tuple((str(f["name"]), int(f["size"])) for f in info.fields), info.width
    try:
        made = sizes_of(bundle.codec, bundle.controls)
    except BadOption as error:
        raise DataError(f"{bundle.path}: its controls cannot be used: {error}") from None
    if (made.fields, made.width) != declared:
        raise DataError(
            f"{bundle.path}: is damaged: it declares {_shown(*declared)}, but its encoding and its "
            f"controls have {_shown(made.fields, made.width)}"
        )
    return made


def _shown(fields: tuple[tuple[str, int], ...], width: int) -> str:
    named = ", ".join(f"{name} {size:,}" for name, size in fields)
    return f"the fields {named} and {width:,} columns of controls"[:200]


def weights_of(bundle: Bundle) -> int:
    """Return the number of weights of a network."""
    model = bundle.model
    if not isinstance(model, Neural):
        raise DataError(f"{bundle.path}: a {model.name} is counted, and has no weights or graphs")
    if model.chained != bundle.chained:
        raise DataError(f"{bundle.path}: is damaged: its player and its model disagree on chaining")
    try:
        return model.parameters(bundle.sizes)
    except BadOption as error:
        raise DataError(f"{bundle.path}: its model cannot be used: {error}") from None


def contract(bundle: Bundle, name: str) -> guard.Contract:
    """Return what the graph `name` of the bundle must take and give."""
    weights, model = weights_of(bundle), bundle.model
    assert isinstance(model, Neural)
    if name == "head.onnx":
        return guard.of_head(bundle.sizes, weights)
    return guard.of_step(bundle.sizes, model.state_specs(), bundle.chained, weights)


def check_graph(bundle: Bundle, name: str, data: bytes, wanted: guard.Contract) -> None:
    """Raise DataError unless the graph may be played; see `runtime.guard`."""
    try:
        guard.check(data, wanted)
    except ValueError as error:
        raise DataError(f"{bundle.path}: {name} is refused: {error}") from None


def network_weights(bundle: Bundle, data: bytes) -> dict[str, npt.NDArray[np.float32]]:
    """Return the weights as float32; they must be those of the model, and finite."""
    weights_of(bundle)
    model = bundle.model
    assert isinstance(model, Neural)
    shapes = model.shapes(bundle.sizes)

    def check(found: Headers) -> None:
        wrong = sorted(set(found) ^ set(shapes)) or [
            name for name, header in found.items() if not _is_weight(header, shapes[name])
        ]
        if wrong:
            raise ValueError(f"{wrong[0]!r:.60} is missing, too much, or of another shape")

    try:
        arrays = load(data, ARRAYS, check)
    except ValueError as error:
        raise DataError(f"{bundle.path}: weights.npz is not of its model: {error}") from None
    out = {name: array.astype(np.float32, copy=False) for name, array in arrays.items()}
    if bad := [name for name, array in out.items() if not np.isfinite(array).all()]:
        raise DataError(f"{bundle.path}: is damaged: its weights {bad[0]} hold NaN or infinity")
    return out


def _is_weight(header: Header, shape: tuple[int, ...]) -> bool:
    return header.shape == shape and header.dtype.kind == "f"


def count_tables(bundle: Bundle, data: bytes) -> Arrays:
    """Return the arrays of an n-gram, no more than the bundle and the limit say."""
    fields = len(bundle.sizes.fields)
    parts = ("children", "oldest", "missing", "lengths", "values", "used", "lost")

    def check(found: Headers) -> None:
        for name, header in found.items():
            field, _, rest = name.partition(".")
            level, _, part = rest.partition(".")
            known = field.isdecimal() and level.isdecimal() and part in parts
            if not known or int(field) >= fields or len(header.shape) != 1:
                raise ValueError(f"{name!r:.60} is no table of it")
            if header.dtype.kind not in "iu":
                raise ValueError(f"{name} holds other than whole numbers")
        if (total := sum(header.size for header in found.values())) > COUNTS:
            raise ValueError(f"it has {total:,} numbers, the limit is {COUNTS:,}")
        for name, header in found.items():
            place, _, part = name.rpartition(".")
            other = found.get(f"{place}.{'used' if part == 'values' else 'oldest'}", header)
            if part in ("values", "missing", "lengths") and other.size != header.size:
                raise ValueError(f"{place} is not whole")

    return load(data, 8 * COUNTS, check)


def test_member(bundle: Bundle) -> str:
    """Return the member with the test vector for the precision that the bundle is played in."""
    own = bundle.precision == "int8" and TEST_INT8 in bundle.record.checksums
    return TEST_INT8 if own else TEST


def test_vector(bundle: Bundle, data: bytes) -> Arrays:
    """Return the arrays of the test vector, which must have the shapes that the bundle declares."""
    member = f"{bundle.path}: {test_member(bundle)}"
    fields, width = bundle.sizes.fields, bundle.sizes.width
    wanted = {"event": ("iu", len(fields)), "chosen": ("iu", len(fields)), "controls": ("f", width)}
    wanted |= {f"logits.{name}": ("f", size) for name, size in fields}

    def check(found: Headers) -> None:
        lacks = set(wanted) - set(found) - {"chosen"}  # older bundles have none
        steps = found["event"].shape[0] if "event" in found and found["event"].shape else 0
        if lacks or not 0 < steps <= LONGEST:
            raise ValueError(f"it has no {min(lacks)}" if lacks else f"it has {steps:,} steps")
        for name, (kinds, columns) in wanted.items():
            header = found.get(name)
            if header and (header.shape != (steps, columns) or header.dtype.kind not in kinds):
                raise ValueError(f"{name} has the shape {header.shape}, not {(steps, columns)}")

    try:
        arrays = load(data, 64 << 20, check)
    except ValueError as error:
        raise DataError(f"{member} cannot be used: {error}") from None
    if bad := [name for name, array in arrays.items() if not np.isfinite(array).all()]:
        raise DataError(f"{member} cannot be used: {bad[0]} holds NaN or infinity")
    sizes = np.array([size for _, size in fields])
    for name, top in (("event", sizes), ("chosen", sizes - 1)):
        values = arrays.get(name, np.zeros((1, len(sizes)), np.int64))
        if (values < 0).any() or (values > top).any():
            raise DataError(f"{member} cannot be used: {name} is out of range")
    return arrays


def prove(bundle: Bundle, player: Player) -> None:
    """Let `player` replay the first STEPS of the test vector; DataError where it differs.

    What was replayed once in this process is not replayed again.
    """
    sums = bundle.record.checksums
    key = (bundle.precision, *(f"{name} {sums[name]}" for name in sorted(sums)))
    if key in _proven:
        return
    begin = time.process_time()
    _replayed(
        bundle,
        player,
        {name: array[:STEPS] for name, array in bundle.test_vector().items()},
        lambda step: step < ENOUGH or time.process_time() - begin < SECONDS,
    )
    _proven.add(key)


def _replayed(
    bundle: Bundle, player: Player, test: Arrays, going_on: Callable[[int], bool]
) -> tuple[int, float]:
    """Return how many steps were replayed, and the largest difference, which DataError bounds."""
    fields = [name for name, _ in bundle.sizes.fields]
    off = differences(replay(player, test, fields, going_on), test)
    limit = tolerance(bundle)
    if not (off <= limit).all():  # NaN too
        raise DataError(
            f"{bundle.path}: is damaged: in step {int(np.argmax(~(off <= limit)))} of its test "
            f"vector the logits differ by {off.max():.2g} of the largest (limit {limit:g})"
        )
    return len(off), float(off.max())


def check_whole(bundle: Bundle) -> list[str]:
    """Check every member and graph, and replay all of each test vector; return a line for each.

    DataError for the first that is wrong.
    """
    names = sorted(bundle.record.checksums)
    for name in names:
        bundle.read(name)
    lines = [f"{len(names)} members have their checksums: {', '.join(names)}"]
    if "weights.npz" in names:
        weights = bundle.weights()
        total = sum(array.size for array in weights.values())
        lines.append(f"{total:,} weights have the shapes of the model, and are finite")
    for precision in bundle.precisions or ("",):
        played = bundle.played_in(precision) if precision else bundle
        steps, off = _replayed(
            played, played.open_player(threads=1), played.test_vector(), lambda step: True
        )
        lines.append(
            f"{f'played in {precision}' if precision else 'played'}, it reproduces the {steps} "
            f"steps of {test_member(played)}: logits differ by at most {off:.2g} of the largest "
            f"(limit {tolerance(played):g})"
        )
    return lines


def tolerance(bundle: Bundle) -> float:
    """Return by how much logits may differ, relative to the largest one."""
    tested = str(bundle.record.player.test.get("precision", "float32"))
    if test_member(bundle) == TEST_INT8:
        tested = "int8"
    if bundle.counted or bundle.precision == tested == "float32":
        return TOLERANCE
    return TOLERANCE_INT8 if bundle.precision == tested else ROUGH
