"""The best bundle of a run: written at each new best score, with its report and test vector."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from symgen.bundle.write import TEST_STEPS, write
from symgen.dataset.dataset import Dataset
from symgen.encodings.base import inputs
from symgen.models import Neural
from symgen.models.state import zeros
from symgen.training.loop.checkpoint import Progress
from symgen.training.loop.scores import Score
from symgen.training.recipe import Recipe
from symgen.training.reports import control_statistics
from symgen.training.reports.kinds import kind
from symgen.training.reports.report import corpora_of_run, report


class Exporter:
    """Writes `best.symgen` of the run in `folder`."""

    def __init__(
        self, folder: Path, recipe: Recipe, dataset: Dataset, unigram: float, parameters: int
    ) -> None:
        self.folder, self.recipe, self.dataset = folder, recipe, dataset
        self.unigram, self.parameters = unigram, parameters
        self._facts = {
            "controls": control_statistics.survey(recipe.controls, dataset),
            "music": kind(dataset).survey(dataset),
            "backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
        }

    def __call__(self, network: Any, score: Score, progress: Progress) -> None:
        """Write the bundle of `network`, which has reached `score`."""
        recipe, dataset = self.recipe, self.dataset
        facts = report(recipe.table, dataset, score, progress, self.unigram, self.parameters)
        write(
            self.folder / "best.symgen",
            name=self.folder.name,
            encoding=recipe.encoding,
            model=recipe.model,
            weights=network.export_weights(),
            test=make_test_vector(network, recipe, dataset),
            corpora=corpora_of_run(dataset, recipe.table.get("from"), self.folder),
            training=facts | self._facts,
            controls=recipe.controls,
        )


def make_test_vector(network: Any, recipe: Recipe, dataset: Dataset) -> dict[str, Any]:
    """Return inputs, chosen values and logits of the network for the first held-out steps."""
    import keras
    import numpy as np

    assert isinstance(recipe.model, Neural)
    split = dataset.rows("eval")
    chosen = split.first(0, TEST_STEPS)
    controls = split.control_rows(recipe.controls, 0)[: len(chosen)]
    rows = inputs(recipe.encoding, chosen, 0, len(chosen))
    state = zeros(recipe.model.state_specs(), 1)
    logits, _ = network(rows[None], controls[None], state, chosen[None])
    named = {
        f"logits.{f.name}": np.asarray(keras.ops.convert_to_numpy(z), np.float32)[0]
        for f, z in zip(recipe.encoding.fields, logits, strict=True)
    }
    return {"event": rows, "controls": controls, "chosen": chosen, **named}
