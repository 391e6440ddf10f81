"""A config as objects: the encoding, the augmentation, the model, the training and the controls."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from symgen import config
from symgen.bundle.bundle import Bundle
from symgen.bundle.sizes import sizes_of
from symgen.controls import Control, make_all
from symgen.dataset.augment import Augment
from symgen.encodings import Codec, codecs
from symgen.errors import BadOption
from symgen.models import CountedModel, Model, Sizes, models
from symgen.pretrained import is_name
from symgen.training import ngram_run
from symgen.training.options import Training

Table = Mapping[str, Any]
Start = str | Path | None

SECTIONS = ("encoding", "augment", "model", "training")
OTHERS = ("controls", "name", "about", "data", "from", "format")  # keys that are not tables
DEFAULT_MODEL = {"name": "lstm"}
DEFAULT_ENCODING = {"name": "performance"}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A config as objects; `table` is the config itself."""

    table: Table
    encoding: Codec
    augment: Augment | None
    model: Model
    training: Training
    controls: tuple[Control, ...] = ()

    @classmethod
    def of(cls, table: Table) -> Recipe:
        """Check a config; BadOption names the section, the key and the value that is wrong."""
        for key, value in table.items():
            known = key in SECTIONS or key in OTHERS
            if not known or (key in SECTIONS) != isinstance(value, Mapping):
                raise BadOption(
                    f"the config has {key!r}, which is no section; it takes "
                    f"{', '.join(SECTIONS)} and controls"
                )
        augment = config.into(Augment, table["augment"], "augment") if "augment" in table else None
        model = models.make(table.get("model", DEFAULT_MODEL))
        if isinstance(model, CountedModel):
            ngram_run.check(model, table)
        return cls(
            table,
            codecs.make(table.get("encoding", DEFAULT_ENCODING)),
            augment,
            model,
            config.into(Training, table.get("training", {}), "training"),
            _controls(table.get("controls", [])),
        )

    @property
    def sizes(self) -> Sizes:
        """The fields and the columns of the controls, as the model is built for them."""
        return sizes_of(self.encoding, self.controls)


def _controls(tables: Any) -> tuple[Control, ...]:
    if not isinstance(tables, list) or not all(isinstance(t, Mapping) for t in tables):
        raise BadOption(
            f"controls = {tables!r}: expected [[controls]] tables, each with a name, such as "
            'name = "meter"'
        )
    return make_all(tables)


def resolve(
    recipe: str | Path | Table, overrides: Iterable[str], start: Start, minutes: float | None
) -> dict[str, Any]:
    """Return the table of a config, by name, path or as it is, with all changes.

    `start` is the bundle to begin from, of which only the dropout can be overridden. `minutes`
    has no effect on a model that is counted.
    """
    table = dict(recipe) if isinstance(recipe, Mapping) else config.load(recipe)
    for text in overrides:
        if start and _is_of_bundle(text):
            raise BadOption(
                f"--set {text!r}: --from takes the encoding and the model of the bundle; "
                "only model.dropout can be changed"
            )
        table = config.override(table, text)
    model = models.make(table.get("model", DEFAULT_MODEL))
    if minutes is not None and not isinstance(model, CountedModel):
        table = config.override(table, f"training.minutes={float(minutes)}")
    return table


def _is_of_bundle(override: str) -> bool:
    key = override.partition("=")[0].strip()
    return key.partition(".")[0] in ("encoding", "model") and key != "model.dropout"


def continued(table: Table, origin: Bundle, start: Start) -> dict[str, Any]:
    """Return `table` with the encoding, the model and the controls of the bundle `origin`.

    `start` is its name or path. BadOption where that cannot be trained further, or where `table`
    is wrong even in what the bundle replaces.
    """
    ngram_run.refuse(origin, Recipe.of(table).model)
    dropout = {k: v for k, v in table.get("model", {}).items() if k == "dropout"}
    named = str(start) if is_name(start or "") else Path(start or "").as_posix()
    return {
        **table,
        "model": {**origin.record.model, **dropout},
        "encoding": dict(origin.record.encoding),
        "controls": list(origin.record.controls),
        "from": named,
    }
