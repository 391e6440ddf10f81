"""Writing bundles: a new one, or a changed copy of one. A file is written whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

import symgen
from symgen.bundle.bundle import FORMAT_FLOAT32, Bundle, graph_member
from symgen.bundle.info import BundleInfo, PlayerInfo, TrainingReport
from symgen.bundle.proof import TEST_INT8
from symgen.bundle.sizes import sizes_of
from symgen.controls import Control
from symgen.encodings import Codec
from symgen.errors import DataError
from symgen.files import atomic, npz, zip_entry
from symgen.models import CountedModel, Model, Neural, Sizes
from symgen.runtime import players
from symgen.runtime.base import WeightsPlayer
from symgen.runtime.check import check_player, replay
from symgen.runtime.onnx import OnnxPlayer

Arrays = Mapping[str, npt.NDArray[Any]]
Where = str | os.PathLike[str]

TEST_STEPS = 64


def write(
    path: Where,
    *,
    name: str,
    encoding: Codec,
    model: Model,
    weights: Arrays,
    test: Arrays,
    corpora: Sequence[Mapping[str, Any]],
    training: TrainingReport | Mapping[str, Any],
    controls: Sequence[Control] = (),
) -> Path:
    """Write a bundle, after its graphs have reproduced the test vector; else DataError."""
    if not isinstance(training, TrainingReport):
        training = TrainingReport.from_dict(training)
    sizes = sizes_of(encoding, controls)
    player, members = _playable(model, sizes, weights, test)
    info = BundleInfo(
        format=FORMAT_FLOAT32,
        name=name,
        symgen=symgen.__version__,
        encoding=encoding.spec(),
        encoding_fingerprint=encoding.fingerprint(),
        fields=[f._asdict() for f in encoding.fields],
        controls=[c.spec() for c in controls],
        width=sizes.width,
        model=model.spec(),
        player=player,
        corpora=corpora,
        training=training,
        checksums={},
    )
    return rewrite(path, info, {**members, "test.npz": npz(test)})


def _playable(
    model: Model, sizes: Sizes, weights: Arrays, test: Arrays
) -> tuple[PlayerInfo, dict[str, bytes]]:
    """Return the player and the members that it needs, tested."""
    if isinstance(model, CountedModel):
        tables = npz(weights, zipfile.ZIP_DEFLATED)
        return PlayerInfo("table", model.chained), {"tables.npz": tables}
    assert isinstance(model, Neural)
    fields = [name for name, _ in sizes.fields]
    if model.player != "onnx":
        weighed: type[WeightsPlayer] = players.load(model.player)
        check_player(weighed(model, sizes, weights), test, fields)
        return PlayerInfo(model.player, model.chained), {"weights.npz": npz(weights)}
    graph = model.step_graph(sizes, weights)
    head = model.head_graph(sizes, weights)
    check_player(OnnxPlayer(graph, head, fields, threads=1), test, fields)
    graphs = {"step.onnx": graph} | ({"head.onnx": head} if head else {})
    return PlayerInfo("onnx", model.chained), {"weights.npz": npz(weights), **graphs}


def slim(source: Bundle, path: Where) -> Path:
    """Write a copy without the weights, which only training needs: about half the size.

    DataError where it has none.
    """
    if not source.has_graphs:
        raise DataError(f"{source.path}: nothing in it is only for training; it cannot be slimmed")
    return rewrite(path, source.record, _members(source, leave_out=("weights.npz",)))


def with_report(source: Bundle, path: Where, more: Mapping[str, Any]) -> Path:
    """Write a copy whose training report also holds the facts `more`; `path` may be its own."""
    training = source.training.with_facts(more)
    info = dataclasses.replace(source.record, training=training)
    return rewrite(path, info, _members(source))


def with_sampling(source: Bundle, path: Where, chosen: Mapping[str, Any]) -> Path:
    """Write a copy with the temperature and top-p to sample with; `path` may be its own."""
    info = dataclasses.replace(source.record, sampling=dict(chosen))
    return rewrite(path, info, _members(source))


def with_int8(
    source: Bundle,
    path: Where,
    step: bytes,
    head: bytes | None,
    facts: Mapping[str, Any],
    precision: str,
) -> Path:
    """Write a copy with the int8 graphs `step` and `head`; `path` may be its own.

    `facts` are what int8 costs, `precision` is the one to play in.
    """
    fields = [name for name, _ in source.sizes.fields]
    test = source.played_in("float32").test_vector()
    test |= replay(OnnxPlayer(step, head, fields, threads=1), test, fields)
    graphs = {graph_member("step.onnx", "int8"): step, TEST_INT8: npz(test)}
    if head:
        graphs[graph_member("head.onnx", "int8")] = head
    info = source.record
    player = dataclasses.replace(info.player, precision=precision, int8=dict(facts))
    members = _members(source, leave_out=tuple(graphs)) | graphs
    return rewrite(path, dataclasses.replace(info, player=player), members)


def _members(source: Bundle, leave_out: Sequence[str] = ()) -> dict[str, bytes]:
    """Return the members besides bundle.json."""
    names = [name for name in source.record.checksums if name not in leave_out]
    return {name: source.read(name) for name in names}


def rewrite(path: Where, info: BundleInfo, members: Mapping[str, bytes]) -> Path:
    """Write bundle.json, which is `info` with the checksums of `members`, and the members."""
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    table = info.to_dict() | {"checksums": sums}
    described = {"bundle.json": json.dumps(table, indent=1, sort_keys=True).encode()}
    packed = zipfile.ZIP_STORED if info.format == FORMAT_FLOAT32 else zipfile.ZIP_DEFLATED
    with atomic(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, data in (described | dict(members)).items():
            archive.writestr(zip_entry(name), data, packed, 9)
    return Path(path)
