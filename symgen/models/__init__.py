"""Models: plain sizes in, a Keras network and a step graph out, or a table. The only stage that defines Keras layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symgen.models.base import CountedModel, Model, Neural, Sizes, Weights
from symgen.models.state import StateSpec
from symgen.registry import Registry

models = Registry(
    "model",
    {
        "lstm": "symgen.models.recurrent.model:Lstm",
        "ngram": "symgen.models.ngram.model:Ngram",
    },
)

__all__ = ["CountedModel", "Model", "Neural", "Sizes", "StateSpec", "Weights", "model", "models"]


def model(table: Mapping[str, Any]) -> Model:
    """Build the model that a config's [model] table describes."""
    made: Model = models.make(table)
    return made
