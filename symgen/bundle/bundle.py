"""The bundle, `*.symgen`: one zip that holds a trained model and everything needed to play it or to train it further.

    bundle.json    encoding, controls and model tables, corpora and their licences, training report, versions, checksums
    weights.npz    float32 arrays in Keras's layout (a slim bundle lacks them)
    step.onnx      the graph of one step, for the player `onnx`
    head.onnx      the graph of the head, where the fields of a step are chained
    *.int8.onnx    the same graphs in whole numbers (see `with_int8`), where there are any
    tables.npz     what a model that is counted is played from, in place of weights and graphs (player `table`)
    test.npz       64 steps: the inputs, the values chosen, and the logits that a right player gives

Where fields are chained (`player.chained`), step.onnx gives `hidden` instead of logits, and head.onnx makes the logits of
`hidden` [batch, units] and `chosen` int32 [batch, fields], in which the fields before the one asked for count alone. What
is called hidden is already projected to the units of the head, so that to try many values for an earlier field costs
one row of a table and the last product for each.

A bundle made for shipping (format 2, see `symgen.shipping`) has float16 weights and int8 graphs
alone, and its test vector is theirs.

Nothing in it is pickled or run. The bytes depend on the contents alone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

import symgen
from symgen.bundle.graphs import TOLERANCE, check_player, opened
from symgen.controls import Control, make_all, total_width
from symgen.encodings import Encoding, encodings
from symgen.errors import BadOption, DataError, printable, unknown
from symgen.files import atomic, npz, npz_arrays, zip_entry
from symgen.models import CountedModel, Model, Neural, Sizes, models
from symgen.models.recurrent.cut import parts
from symgen.pretrained import located
from symgen.registry import Registry

__all__ = [
    "TOLERANCE",
    "Bundle",
    "check_player",
    "opened",
    "slim",
    "with_int8",
    "with_report",
    "with_sampling",
    "write",
]

Arrays = Mapping[str, npt.NDArray[Any]]

FORMAT = 2  # without float32 graphs
WHOLE = 1  # with them, which older versions read too
TEST_STEPS = 64
PRECISIONS = ("float32", "int8")
MOST_INFO = 64 << 20  # bytes of bundle.json
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
)  # RuntimeError: encrypted, or packed in a way unknown
NEEDED = {
    "name": str,
    "encoding": dict,
    "encoding_fingerprint": str,
    "fields": list,
    "controls": list,
    "width": int,
    "model": dict,
    "player": dict,
    "corpora": list,
    "training": dict,
    "checksums": dict,
}


@dataclasses.dataclass(frozen=True)
class Bundle:
    """A bundle that is open for reading. `info` is bundle.json as a dictionary."""

    path: Path
    info: Mapping[str, Any] = dataclasses.field(repr=False)
    precision: str = ""  # in which it is played; what the bundle says unless another is taken

    suffix: ClassVar[str] = ".symgen"

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Any:
        """Open the bundle at `path`, the best one of the run in that folder, or a model that ships.

        DataError says why it cannot be used.
        """
        path = located(path)
        try:
            with zipfile.ZipFile(path) as archive:
                info = json.loads(_member(archive, "bundle.json", MOST_INFO))
        except (*BROKEN, KeyError, ValueError) as error:
            raise DataError(f"{path}: not a symgen bundle ({printable(error)})") from None
        version = info.get("format") if isinstance(info, dict) else None
        if not isinstance(version, int):
            raise DataError(f"{path}: not a symgen bundle (bundle.json has no format)")
        if version > FORMAT:
            raise DataError(
                f"{path}: bundle format {version}, this symgen {symgen.__version__} reads up to {FORMAT}; "
                "pip install --upgrade symgen"
            )
        for key, kind in NEEDED.items():
            if not isinstance(info.get(key), kind):
                raise DataError(
                    f"{path}: not a symgen bundle (bundle.json has no {key} that can be used)"
                )
        if PurePath(info["name"]).name != info["name"] or "\\" in info["name"]:
            raise DataError(
                f"{path}: its name {printable(info['name'])!r} is no plain file name; refused"
            )
        return cls(path, info, str(info["player"].get("precision", PRECISIONS[0])))

    def played_in(self, precision: str) -> Any:
        """Return this bundle played in `precision`, "float32" or "int8"; BadOption where it has no graphs of it."""
        if precision not in PRECISIONS:
            raise BadOption(unknown("precision", precision, PRECISIONS))
        if self.player == "table":
            raise BadOption(
                f"precision {precision}: {self.path} is played from counts, which have none; leave it out"
            )
        if precision not in self.precisions:
            step = f"symgen bundle quantise {self.path} adds int8"
            if precision == PRECISIONS[0]:
                step = "it was made for shipping; the run that it came from has the float32 graphs"
            raise BadOption(
                f"precision {precision}: {self.path} has "
                f"{' and '.join(self.precisions)} alone; {step}"
            )
        return dataclasses.replace(self, precision=precision)

    @property
    def precisions(self) -> tuple[str, ...]:
        """The precisions that it can be played in, the most exact first."""
        members = self.info["checksums"]
        return tuple(p for p in PRECISIONS if _named("step.onnx", p) in members) or PRECISIONS[:1]

    @property
    def name(self) -> str:
        """The name of the run that made it."""
        return str(self.info["name"])

    @property
    def encoding(self) -> Encoding:
        """The encoding that the model was trained on."""
        made: Encoding = self._made(encodings, "encoding")
        if made.fingerprint() != self.info["encoding_fingerprint"]:
            raise DataError(
                f"{self.path}: its {made.name} encoding is of another version than this symgen's; train it again"
            )
        return made

    @property
    def model(self) -> Model:
        """The model, without its weights."""
        made: Model = self._made(models, "model")
        return made

    def _made(self, registry: Registry, key: str) -> Any:
        try:
            return registry.make(self.info[key])
        except BadOption as error:
            raise DataError(
                f"{self.path}: its {key} is not one that symgen {symgen.__version__} knows: {error}"
            ) from None

    @property
    def controls(self) -> tuple[Control, ...]:
        """The controls that it was trained with."""
        try:
            return make_all(self.info["controls"])
        except BadOption as error:
            raise DataError(
                f"{self.path}: its controls are not ones that symgen {symgen.__version__} knows: {error}"
            ) from None

    @property
    def sizes(self) -> Sizes:
        """What the model was told of the encoding and the controls."""
        return Sizes(tuple((f["name"], f["size"]) for f in self.info["fields"]), self.width)

    @property
    def width(self) -> int:
        """The columns of its controls, 0 where it has none."""
        return int(self.info["width"])

    @property
    def chained(self) -> bool:
        """Whether the fields of a step are drawn one given the other."""
        return bool(self.info["player"].get("chained"))

    @property
    def player(self) -> str:
        """The name of the player that plays it."""
        return str(self.info["player"]["name"])

    def read(self, member: str) -> bytes:
        """Return the bytes of one member, its checksum verified."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                data = archive.read(member)
        except KeyError:
            raise DataError(f"{self.path}: has no {member}{self._lacking(member)}") from None
        except BROKEN as error:
            raise DataError(f"{self.path}: damaged ({printable(error)})") from None
        if hashlib.sha256(data).hexdigest() != self.info["checksums"].get(member):
            raise DataError(
                f"{self.path}: {member} is damaged: its checksum differs; copy the bundle again"
            )
        return data

    def _lacking(self, member: str) -> str:
        if member == "weights.npz":
            return "; it was slimmed for playing"
        if self.info["format"] > WHOLE:
            return f"; it was made for shipping and plays {self.precisions[0]} alone"
        return ""

    def graph(self, name: str = "step.onnx", precision: str | None = None) -> bytes:
        """Return a graph of the player; in the most exact precision there is if none is named."""
        return self.read(_named(name, precision or self.precisions[0]))

    def heads(self, precision: str | None = None) -> dict[str, bytes]:
        """Return by output the part of head.onnx that leads to it; ValueError where there is none."""
        return parts(self.graph("head.onnx", precision))

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the weights in Keras's layout as float32; DataError for a slim bundle."""
        arrays = npz_arrays(self.read("weights.npz"))
        return {name: array.astype(np.float32, copy=False) for name, array in arrays.items()}

    def tables(self) -> Any:
        """Return what a model that is counted learned, such as an NGram; DataError where another player plays it."""
        if not isinstance(model := self.model, CountedModel):
            raise DataError(f"{self.path}: a {model.name} is not counted and has no tables")
        try:
            return model.read(npz_arrays(self.read("tables.npz")), self.sizes)
        except ValueError as error:
            raise DataError(f"{self.path}: tables.npz cannot be used: {error}") from None

    def test_vector(self) -> dict[str, npt.NDArray[Any]]:
        """Return `event` and `chosen` [64, fields], `controls` [64, width] and `logits.<field>` [64, size]."""
        return npz_arrays(self.read("test.npz"))


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    if (size := archive.getinfo(name).file_size) > most:
        raise ValueError(f"{name} is {size:,} bytes long")
    return archive.read(name)


def write(
    path: str | os.PathLike[str],
    *,
    name: str,
    encoding: Encoding,
    model: Model,
    weights: Mapping[str, npt.NDArray[Any]],
    test: Mapping[str, npt.NDArray[Any]],
    corpora: list[Mapping[str, Any]],
    training: Mapping[str, Any],
    controls: Sequence[Control] = (),
) -> Path:
    """Write a bundle whole or not at all, after its graphs have reproduced the test vector."""
    sizes = Sizes(tuple((f.name, f.size) for f in encoding.fields), total_width(controls, encoding))
    player, members = _playable(model, sizes, weights, test)
    info = {
        "format": WHOLE,
        "name": name,
        "symgen": symgen.__version__,
        "encoding": encoding.spec(),
        "encoding_fingerprint": encoding.fingerprint(),
        "fields": [f._asdict() for f in encoding.fields],
        "controls": [c.spec() for c in controls],
        "width": sizes.width,
        "model": model.spec(),
        "player": player,
        "corpora": corpora,
        "training": training,
    }
    rewrite(path, info, {**members, "test.npz": npz(test)})
    return Path(path)


def _playable(
    model: Model, sizes: Sizes, weights: Arrays, test: Arrays
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what the player is and the members that it needs, once its graphs have reproduced the test vector."""
    if isinstance(model, CountedModel):
        return {"name": "table", "chained": model.chained}, {
            "tables.npz": npz(weights, zipfile.ZIP_DEFLATED)
        }
    assert isinstance(model, Neural)
    graph, head = model.step_graph(sizes, weights), model.head_graph(sizes, weights)
    check_player(graph, test, [name for name, _ in sizes.fields], head)
    graphs = {"step.onnx": graph} | ({"head.onnx": head} if head else {})
    return {"name": "onnx", "chained": model.chained}, {"weights.npz": npz(weights), **graphs}


def slim(source: Bundle, path: str | os.PathLike[str]) -> Path:
    """Write a copy of `source` without the weights that only training needs, about half the size; DataError where it has none."""
    if source.player == "table":
        raise DataError(
            f"{source.path}: nothing in it is for training alone; it is as slim as it can be"
        )
    members = {m: source.read(m) for m in source.info["checksums"] if m != "weights.npz"}
    rewrite(path, dict(source.info), members)
    return Path(path)


def with_report(source: Bundle, path: str | os.PathLike[str], more: Mapping[str, Any]) -> Path:
    """Write a copy of `source` to `path` (itself) whose training report holds `more` besides."""
    members = {m: source.read(m) for m in source.info["checksums"]}
    rewrite(path, {**source.info, "training": {**source.info["training"], **more}}, members)
    return Path(path)


def with_sampling(source: Bundle, path: str | os.PathLike[str], chosen: Mapping[str, Any]) -> Path:
    """Write a copy of `source` to `path` (itself) with the temperature and top-p to sample with."""
    members = {m: source.read(m) for m in source.info["checksums"]}
    rewrite(path, {**source.info, "sampling": dict(chosen)}, members)
    return Path(path)


def with_int8(
    source: Bundle,
    path: str | os.PathLike[str],
    step: bytes,
    head: bytes | None,
    facts: Mapping[str, Any],
    precision: str,
) -> Path:
    """Write a copy of `source` with graphs in whole numbers, the `facts` of what they cost, and the `precision` that is played."""
    graphs = {_named("step.onnx", "int8"): step} | (
        {_named("head.onnx", "int8"): head} if head else {}
    )
    members = {m: source.read(m) for m in source.info["checksums"] if m not in graphs}
    player = {**source.info["player"], "precision": precision, "int8": dict(facts)}
    rewrite(path, {**source.info, "player": player}, members | graphs)
    return Path(path)


def _named(graph: str, precision: str) -> str:
    """Return the member that holds `graph` in `precision`."""
    return graph if precision == PRECISIONS[0] else graph.replace(".onnx", f".{precision}.onnx")


def rewrite(
    path: str | os.PathLike[str], info: dict[str, Any], members: Mapping[str, bytes]
) -> None:
    """Write bundle.json, `info` with the checksums of `members`, and these."""
    info["checksums"] = {m: hashlib.sha256(data).hexdigest() for m, data in members.items()}
    packed = zipfile.ZIP_STORED if info["format"] == WHOLE else zipfile.ZIP_DEFLATED
    with atomic(path) as file, zipfile.ZipFile(file, "w") as archive:
        for member, data in {
            "bundle.json": json.dumps(info, indent=1, sort_keys=True).encode(),
            **members,
        }.items():
            archive.writestr(zip_entry(member), data, packed, 9)
