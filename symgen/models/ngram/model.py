"""The n-gram as a model: counted in seconds, stored as arrays, and played from them.

For field f and contexts of length k, a bundle has the arrays

    f.k.children  [contexts of length k - 1] how many longer contexts each has
    f.k.oldest    [contexts] the oldest value of each, as a token (see `NGram.token`)
    f.k.missing   [contexts] how many grams came once and are not held
    f.k.lengths   [contexts] how many grams begin with each
    f.k.values    [grams] the last value of each
    f.k.used      [grams] its count: for k = order - 1 how often it came, else the number of
                  different values that it came after
    f.k.lost      [1] how many grams of that length came once and are not held

each in the smallest integers that hold it. Discounts and shares follow from the counts, so nothing
is lost by rounding.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from symgen import checks
from symgen.models.base import CountedModel, Sizes
from symgen.models.ngram.kneser_ney import Level, NGram, smooth
from symgen.types import Array

MAX_ORDER = 64
PARTS = ("oldest", "missing", "lengths", "values", "used", "lost")


@dataclasses.dataclass(frozen=True)
class Ngram(CountedModel):
    """A back-off n-gram with modified Kneser-Ney smoothing.

    `order` is the most values of a gram. With `singles`, long grams that came only once are held
    too, which costs memory and gains nothing.
    """

    order: int = 6
    singles: bool = False

    name: ClassVar[str] = "ngram"

    def __post_init__(self) -> None:
        checks.whole("model.order =", self.order, 1, MAX_ORDER)
        checks.flag("model.singles =", self.singles)

    def learn(self, values: Array, lengths: Array, sizes: Sizes) -> NGram:
        """Count int `[events of all pieces, fields]`, of which `lengths[i]` are in piece i."""
        plain = tuple(size for _, size in sizes.fields)
        return NGram.fit(values, lengths, plain, self.order, self.singles)

    def arrays(self, learned: NGram) -> dict[str, Array]:
        """Return the arrays for a bundle; see the module."""
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
        """Return the n-gram of `arrays`; ValueError where they do not fit together."""
        plain = tuple(size for _, size in sizes.fields)
        fields = []
        order = len({name.split(".")[1] for name in arrays if name.startswith("0.")})
        for f, size in enumerate(plain):
            levels, above = list[Level](), 0
            for k in range(order):
                levels.append(_read(arrays, f"{f}.{k}", above, size, sum(plain) + 1))
                above = len(levels[-1].contexts)
            fields.append(tuple(levels))
        return NGram(plain, order, tuple(fields))


def _read(arrays: Mapping[str, Array], place: str, above: int, size: int, tokens: int) -> Level:
    """Return the level at `place`, whose parent has `above` contexts (0: there is no parent)."""
    parts = (*PARTS, "children") if above else PARTS
    if lacks := [name for name in parts if f"{place}.{name}" not in arrays]:
        raise ValueError(f"there is no {place}.{lacks[0]}")
    tables = [np.asarray(arrays[f"{place}.{name}"], np.int64) for name in PARTS]
    oldest, missing, lengths, values, used, lost = tables
    if min(int(table.min(initial=0)) for table in tables) < 0 or (oldest >= tokens).any():
        raise ValueError(f"{place} holds numbers that are no counts or values")
    contexts = oldest
    if above:
        children = np.asarray(arrays[f"{place}.children"], np.int64)
        if len(children) != above or children.sum() != len(oldest):
            raise ValueError(f"{place} does not fit the level above")
        contexts = np.repeat(np.arange(above), children) * tokens + oldest
    whole = len(contexts) == len(missing) == len(lengths)
    if not whole or not lengths.sum() == len(values) == len(used):
        raise ValueError(f"{place} is not whole")
    grams = np.repeat(np.arange(len(contexts)), lengths) * size + values
    ordered = (np.diff(grams) > 0).all() and (np.diff(contexts) > 0).all()
    if not ordered or (values >= size).any():
        raise ValueError(f"{place} is not in order")
    return smooth(size, contexts, grams, np.zeros(0, np.int64), used, missing, int(lost.sum()))


def _small(array: Array) -> Array:
    """Return `array` in the smallest unsigned integers that hold it."""
    return array.astype(np.min_scalar_type(int(array.max(initial=0))))
