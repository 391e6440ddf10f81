"""Models: from plain sizes to a Keras network and its step graph, or to the counts of an n-gram.

No other package defines Keras layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symgen.models.base import CountedModel, Model, Neural, Sizes, Weights
from symgen.models.state import StateSpec
from symgen.registry import Registry

models = Registry(
    "model",
    {
        "framewise": "symgen.models.framewise.model:Framewise",
        "lstm": "symgen.models.recurrent.model:Lstm",
        "ngram": "symgen.models.ngram.model:Ngram",
        "wavenet": "symgen.models.wavenet.model:WaveNet",
    },
)

__all__ = ["CountedModel", "Model", "Neural", "Sizes", "StateSpec", "Weights", "model", "models"]


def model(table: Mapping[str, Any]) -> Model:
    """Return the model that the [model] table of a config describes."""
    made: Model = models.make(table)
    return made
