"""Check that nothing in the held-out split of a dataset was used to train a model."""

from __future__ import annotations

from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import HALVES, Dataset
from symgen.errors import DataError


def check(bundle: Bundle, dataset: Dataset) -> list[str]:
    """Return warnings about what cannot be checked.

    DataError if the model was trained on pieces of the held-out split, or has another encoding.
    """
    if bundle.encoding.fingerprint() != dataset.encoding.fingerprint():
        raise DataError(
            f"{bundle.path}: its encoding is not that of {dataset.path}; "
            "name the dataset it was trained on with --data"
        )
    report = bundle.info["training"]
    origin = report.get("config", {}).get("from")
    warnings = []
    if origin:
        warnings.append(
            f"{bundle.path} was fine-tuned from {origin}, whose training data is not known here"
        )
    if report.get("dataset_fingerprint") == dataset.info["fingerprint"]:
        return warnings
    trained_on = _trained_on(report.get("dataset"), report.get("dataset_fingerprint"))
    if trained_on is None:
        return [
            *warnings,
            f"{bundle.path} was trained on another dataset, {report.get('dataset')}, which is not "
            "here; it may have been trained on the pieces it is scored on",
        ]
    if shared := sorted(trained_on & _ids(dataset, "eval")):
        raise DataError(
            f"{bundle.path} was trained on {len(shared)} of the pieces that {dataset.path} holds "
            f"out, such as {shared[0]}; train it on the training split of this dataset"
        )
    return warnings


def _trained_on(path: str | None, fingerprint: str | None) -> set[str] | None:
    """Return the ids of the training pieces; None if that dataset is gone or has changed."""
    try:
        other = Dataset.open(path or "")
    except DataError:
        return None
    return _ids(other, "train") if other.info["fingerprint"] == fingerprint else None


def _ids(dataset: Dataset, half: str) -> set[str]:
    """Return the ids of a split.

    With several corpora, the corpus name is left out, to match datasets of one corpus.
    """
    assert half in HALVES
    ids = [row["id"] for row in dataset.info["pieces"] if row["half"] == half]
    if len(dataset.info["corpora"]) > 1:
        return {name.partition("/")[2] for name in ids}
    return set(ids)
