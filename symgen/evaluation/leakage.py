"""Whether a bundle may be scored on the eval half of a dataset: nothing in it may have been heard in training."""

from __future__ import annotations

from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import HALVES, Dataset
from symgen.errors import DataError


def check(bundle: Bundle, dataset: Dataset) -> list[str]:
    """Return what is to be warned of; DataError where the model was trained on tunes of the eval half, or encodes otherwise."""
    if bundle.encoding.fingerprint() != dataset.encoding.fingerprint():
        raise DataError(
            f"{bundle.path}: its encoding is not that of {dataset.path}; give the dataset it was trained on with --data"
        )
    report = bundle.info["training"]
    origin = report.get("config", {}).get("from")
    warned = (
        [
            f"{bundle.path} was fine-tuned from {origin}; what that one was trained on is not known here"
        ]
        if origin
        else []
    )
    if report.get("dataset_fingerprint") == dataset.info["fingerprint"]:
        return warned
    heard = _heard(report.get("dataset"), report.get("dataset_fingerprint"))
    if heard is None:
        return [
            *warned,
            f"{bundle.path} was trained on another dataset, {report.get('dataset')}, which is not at hand: "
            "it may have heard the tunes it is scored on",
        ]
    if shared := sorted(heard & _ids(dataset, "eval")):
        raise DataError(
            f"{bundle.path}: was trained on {len(shared)} of the tunes that {dataset.path} holds out, such as {shared[0]}; "
            "train it on the training half of this dataset"
        )
    return warned


def _heard(path: str | None, fingerprint: str | None) -> set[str] | None:
    """Return the ids of the tunes that training heard, None where that dataset is not there any more."""
    try:
        other = Dataset.open(path or "")
    except DataError:
        return None
    return _ids(other, "train") if other.info["fingerprint"] == fingerprint else None


def _ids(dataset: Dataset, half: str) -> set[str]:
    """Return the ids of a half; of several corpora without the name of the corpus, so that they compare with one alone."""
    assert half in HALVES
    several = len(dataset.info["corpora"]) > 1
    return {
        row["id"].partition("/")[2] if several else row["id"]
        for row in dataset.info["pieces"]
        if row["half"] == half
    }
