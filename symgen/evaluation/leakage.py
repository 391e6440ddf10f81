"""Check that nothing in the held-out split of a dataset was used to train a model."""

from __future__ import annotations

from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.dataset.of import check_encoding, recorded_dataset
from symgen.dataset.store.manifest import SPLITS
from symgen.errors import DataError


def check(bundle: Bundle, dataset: Dataset) -> list[str]:
    """Return warnings about what cannot be checked.

    DataError if the model was trained on pieces of the held-out split, or has another encoding.
    """
    check_encoding(bundle, dataset)
    training = bundle.training
    origin = training.config.get("from")
    warnings = list[str]()
    if origin:
        warnings.append(
            f"{bundle.path} was fine-tuned from {origin}, whose training data is not known here"
        )
    if training.dataset_fingerprint == dataset.info["fingerprint"]:
        return warnings
    if (trained := recorded_dataset(bundle)) is None:
        named = f"another dataset, {training.dataset}, which is not here"
        if training.dataset is None:
            named = "an unknown dataset"
        warnings.append(
            f"{bundle.path} was trained on {named}: the held-out pieces may have been in its "
            "training data"
        )
        return warnings
    if shared := sorted(_ids(trained, "train") & _ids(dataset, "eval")):
        raise DataError(
            f"{bundle.path} was trained on {len(shared)} of the pieces that {dataset.path} holds "
            f"out, such as {shared[0]}; train it on the training split of this dataset"
        )
    return warnings


def _ids(dataset: Dataset, split: str) -> set[str]:
    """Return the ids of a split.

    With several corpora, the corpus name is left out, to match datasets of one corpus.
    """
    assert split in SPLITS
    ids = [row["id"] for row in dataset.info["pieces"] if row["half"] == split]
    if len(dataset.info["corpora"]) > 1:
        return {name.partition("/")[2] for name in ids}
    return set(ids)
