"""Whether a bundle may be scored on the eval half of a dataset: nothing in it may have been heard in training."""

from __future__ import annotations

from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.dataset.manifest import SPLITS
from symgen.dataset.of import check_encoding, recorded_dataset
from symgen.errors import DataError


def check(bundle: Bundle, dataset: Dataset) -> list[str]:
    """Return what is to be warned of; DataError where the model was trained on tunes of the eval half, or encodes otherwise."""
    check_encoding(bundle, dataset)
    training = bundle.training
    origin, warned = training.config.get("from"), []
    if origin:
        warned.append(
            f"{bundle.path} was fine-tuned from {origin}, whose training data is not known here"
        )
    if training.dataset_fingerprint == dataset.info["fingerprint"]:
        return warned
    if (trained := recorded_dataset(bundle)) is None:
        named = f"another dataset, {training.dataset}, which is not here"
        if training.dataset is None:
            named = "an unknown dataset"
        warned.append(
            f"{bundle.path} was trained on {named}: the held-out tunes may have been in its "
            "training data"
        )
        return warned
    if shared := sorted(_ids(trained, "train") & _ids(dataset, "eval")):
        raise DataError(
            f"{bundle.path}: was trained on {len(shared)} of the tunes that {dataset.path} holds "
            f"out, such as {shared[0]}; train it on the training split of this dataset"
        )
    return warned


def _ids(dataset: Dataset, half: str) -> set[str]:
    """Return the ids of a half; of several corpora without the name of the corpus, so that they compare with one alone."""
    assert half in SPLITS
    several = len(dataset.info["corpora"]) > 1
    return {
        row["id"].partition("/")[2] if several else row["id"]
        for row in dataset.info["pieces"]
        if row["half"] == half
    }
