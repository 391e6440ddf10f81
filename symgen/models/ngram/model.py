"""The n-gram as a model that is trained and played: counted in seconds, kept as arrays, played from them.

A bundle keeps for field f and contexts of length k the arrays

    f.k.children  [contexts of length k - 1] how many longer ones each has
    f.k.oldest    [contexts] the oldest value of each, as a token (see `NGram.token`)
    f.k.missing   [contexts] how many grams came once and are not held
    f.k.lengths   [contexts] how many grams begin with each
    f.k.values    [grams] the last value of each
    f.k.used      [grams] its count: with k = order - 1 how often it came, else after how many different values
    f.k.lost      [1] how many grams of that length came once and are not held

each of the smallest integers that hold it. Discounts and shares follow from the counts, so nothing is lost by rounding.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from symgen.errors import BadOption
from symgen.models.base import CountedModel, Sizes
from symgen.models.ngram.kneser_ney import Level, NGram, smooth

Array = npt.NDArray[Any]
MOST_ORDER = 64


@dataclasses.dataclass(frozen=True)
class Ngram(CountedModel):
    """`order`: values of a gram, at most; `singles`: hold long grams that came once too, which costs memory and gains nothing."""

    order: int = 6
    singles: bool = False

    name: ClassVar[str] = "ngram"

    def __post_init__(self) -> None:
        if (
            isinstance(self.order, bool)
            or not isinstance(self.order, int)
            or not 1 <= self.order <= MOST_ORDER
        ):
            raise BadOption(
                f"model.order = {self.order!r}: expected a whole number from 1 to {MOST_ORDER}"
            )
        if not isinstance(self.singles, bool):
            raise BadOption(f"model.singles = {self.singles!r}: expected true or false")

    def learn(self, values: Array, lengths: Array, sizes: Sizes) -> NGram:
        """Count int `[events of all pieces, fields]`, `lengths[i]` of them in piece i."""
        return NGram.fit(
            values, lengths, tuple(size for _, size in sizes.fields), self.order, self.singles
        )

    def arrays(self, learned: NGram) -> dict[str, Array]:
        """Return what a bundle keeps."""
        out: dict[str, Array] = {}
        tokens = sum(learned.sizes) + 1
        for f, (size, levels) in enumerate(zip(learned.sizes, learned.fields, strict=True)):
            above = 0
            for k, level in enumerate(levels):
                parts = {
                    "oldest": level.contexts % tokens,
                    "missing": level.missing,
                    "lengths": np.diff(level.starts),
                    "values": level.grams % size,
                    "used": level.used,
                    "lost": np.array([level.lost]),
                }
                if k:
                    parts["children"] = np.bincount(level.contexts // tokens, minlength=above)
                above = len(level.contexts)
                out |= {f"{f}.{k}.{name}": _small(array) for name, array in parts.items()}
        return out

    def read(self, arrays: Mapping[str, Array], sizes: Sizes) -> NGram:
        """Return what `arrays` were made of; ValueError where they do not fit together."""
        plain, fields = tuple(size for _, size in sizes.fields), []
        order = len({name.split(".")[1] for name in arrays if name.startswith("0.")})
        for f, size in enumerate(plain):
            levels = list[Level]()
            for k in range(order):
                levels.append(
                    _read(
                        arrays,
                        f"{f}.{k}",
                        len(levels[-1].contexts) if k else 0,
                        size,
                        sum(plain) + 1,
                    )
                )
            fields.append(tuple(levels))
        return NGram(plain, order, tuple(fields))


PARTS = ("oldest", "missing", "lengths", "values", "used", "lost")


def _read(arrays: Mapping[str, Array], place: str, above: int, size: int, tokens: int) -> Level:
    """Return the level at `place`, whose parent has `above` contexts (0: it has none)."""
    parts = (*PARTS, "children") if above else PARTS
    if lacks := [name for name in parts if f"{place}.{name}" not in arrays]:
        raise ValueError(f"there is no {place}.{lacks[0]}")
    oldest, missing, lengths, values, used, lost = (
        np.asarray(arrays[f"{place}.{name}"], np.int64) for name in PARTS
    )
    contexts = oldest
    if above:
        children = np.asarray(arrays[f"{place}.children"], np.int64)
        if len(children) != above or children.sum() != len(oldest):
            raise ValueError(f"{place} does not fit the level above")
        contexts = np.repeat(np.arange(above), children) * tokens + oldest
    if not len(contexts) == len(missing) == len(lengths) or not lengths.sum() == len(values) == len(
        used
    ):
        raise ValueError(f"{place} is not whole")
    grams = np.repeat(np.arange(len(contexts)), lengths) * size + values
    if (
        not (np.diff(grams) > 0).all()
        or not (np.diff(contexts) > 0).all()
        or (values >= size).any()
    ):
        raise ValueError(f"{place} is not in order")
    return smooth(size, contexts, grams, np.zeros(0, np.int64), used, missing, int(lost.sum()))


def _small(array: Array) -> Array:
    """Return whole numbers in the smallest type that holds them."""
    return array.astype(np.min_scalar_type(int(array.max(initial=0))))
