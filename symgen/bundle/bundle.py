"""The bundle, `*.symgen`: one zip with everything that plays a trained model or trains it further.

    bundle.json    encoding, controls, model, corpora and licences, training report, checksums
    weights.npz    float32 arrays in the layout of Keras (a slim bundle has none); some models of
                   sound are played from them, and have no graphs
    step.onnx      the graph of one step, for the player `onnx`
    head.onnx      the graph of the head, where the fields of a step are chained
    *.int8.onnx    the same graphs, quantised to int8, where there are any
    tables.npz     the counts of an n-gram model, in place of weights and graphs (player `table`)
    test.npz       64 steps: inputs, chosen values, and the logits of a correct player
    test.int8.npz  the same with the logits of a correct int8 player, where both kinds of graphs are

Where fields are chained (`player.chained`), step.onnx returns `hidden` in place of logits.
head.onnx computes the logits from `hidden` [batch, units] and `chosen` int32 [batch, fields], of
which only the fields before the current one count. `hidden` is already projected to the head units,
so each value tried for an earlier field costs one row of a table and the last product.

A bundle for shipping (format 2, see `bundle.shipping`) has float16 weights and only int8 graphs;
its test vector is that of the int8 player.

Nothing in a bundle is pickled or executed. Its bytes depend only on its contents.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

import symgen
from symgen.bundle import members, proof
from symgen.bundle.info import BundleInfo, TrainingReport
from symgen.controls import Control, make_all
from symgen.encodings import Codec, Encoding, codecs
from symgen.errors import BadOption, DataError, UnknownName, printable, too_new, unknown
from symgen.models import CountedModel, Model, Sizes, models
from symgen.pretrained import located
from symgen.registry import Registry
from symgen.runtime import players
from symgen.runtime.base import Player, WeightsPlayer

FORMAT = 2  # without float32 graphs
FORMAT_FLOAT32 = 1  # with them; older versions read it too
PRECISIONS = ("float32", "int8")
ODD = (AttributeError, KeyError, OverflowError, TypeError, ValueError)  # of options of any type


@dataclasses.dataclass(frozen=True)
class Bundle:
    """A bundle, open for reading. `info` is bundle.json as a dictionary, `record` the same typed.

    `precision` is the one it is played in.
    """

    path: Path
    info: Mapping[str, Any] = dataclasses.field(repr=False)
    precision: str = ""

    suffix: ClassVar[str] = ".symgen"

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Any:
        """Open a bundle: a file, the folder of a run (its best one), or a model that ships.

        DataError says why it cannot be used.
        """
        path = located(path)
        info = _read_info(path)
        try:
            record = BundleInfo.from_dict(info)
        except ValueError as error:
            raise DataError(f"{path}: not a symgen bundle ({error})") from None
        precision = record.player.precision or PRECISIONS[0]
        if precision not in PRECISIONS:
            raise DataError(f"{path}: {unknown('precision', precision, PRECISIONS)}")
        return cls(path, info, precision)

    def played_in(self, precision: str) -> Any:
        """Return this bundle, played in "float32" or "int8"; BadOption without such graphs."""
        if precision not in PRECISIONS:
            raise BadOption(unknown("precision", precision, PRECISIONS))
        if not self.has_graphs:
            what = "counts, which have no precision" if self.counted else "its weights, in float32"
            raise BadOption(
                f"precision {precision}: {self.path} is played from {what}; leave it out"
            )
        if precision not in self.precisions:
            step = f"symgen bundle quantise {self.path} adds int8"
            if precision == PRECISIONS[0]:
                step = "it was made for shipping; the bundle of its run has float32 graphs"
            known = " and ".join(self.precisions)
            raise BadOption(f"precision {precision}: {self.path} has only {known}; {step}")
        return dataclasses.replace(self, precision=precision)

    @functools.cached_property
    def record(self) -> BundleInfo:
        """What bundle.json holds."""
        return BundleInfo.from_dict(self.info)

    @property
    def training(self) -> TrainingReport:
        """What is recorded of its training; all fields are empty in a bundle of other tools."""
        return TrainingReport.from_dict(self.info.get("training") or {})

    @property
    def precisions(self) -> tuple[str, ...]:
        """The precisions that it can be played in, the most exact first; none for counts."""
        there = self.record.checksums
        return tuple(p for p in PRECISIONS if graph_member("step.onnx", p) in there)

    @property
    def name(self) -> str:
        """The name of the run that made it."""
        return str(self.info["name"])

    @property
    def encoding(self) -> Encoding:
        """The encoding of notes that the model was trained on; DataError for one of sound."""
        made = self.codec
        if not isinstance(made, Encoding):
            raise DataError(
                f"{self.path}: is a model of raw audio ({made.name}), and this needs a model of "
                "notes; symgen sample, evaluate, train and bundle take both"
            )
        return made

    @property
    def codec(self) -> Codec:
        """The encoding that the model was trained on, of notes or of sound."""
        made: Codec = self._made(codecs, "encoding")
        if made.fingerprint() != self.info["encoding_fingerprint"]:
            raise DataError(
                f"{self.path}: its {made.name} encoding is of another version than this symgen's; "
                "train it again"
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
        except (BadOption, *ODD) as error:
            raise DataError(
                f"{self.path}: its {key} is not one that symgen {symgen.__version__} knows: {error}"
            ) from None

    @property
    def controls(self) -> tuple[Control, ...]:
        """The controls that it was trained with."""
        try:
            return make_all(self.info["controls"])
        except (BadOption, *ODD) as error:
            raise DataError(
                f"{self.path}: its controls are not ones that symgen {symgen.__version__} knows: "
                f"{error}"
            ) from None

    @functools.cached_property
    def sizes(self) -> Sizes:
        """The fields and the columns of the controls, as the model was built for them."""
        return proof.sizes(self)

    @property
    def width(self) -> int:
        """The columns of its controls, 0 where it has none."""
        return int(self.info["width"])

    @property
    def chained(self) -> bool:
        """Whether each field of a step is drawn given the fields before it."""
        return self.record.player.chained

    @property
    def player(self) -> str:
        """The name of the player that plays it."""
        return self.record.player.name

    @property
    def counted(self) -> bool:
        """Whether it is played from the counts of an n-gram; then it has no graphs or weights."""
        return self.record.player.counted

    @property
    def has_graphs(self) -> bool:
        """Whether it is played from graphs; else from counts, or from its weights themselves."""
        return self.record.player.has_graphs

    def open_player(self, threads: int | None = None) -> Player:
        """Return a player of this model; see `Player.open` for `threads`.

        DataError where its graphs are not allowed or it does not reproduce its test vector.
        """
        try:
            member: type[Player] = players.load(self.player)
        except UnknownName as error:
            raise DataError(
                f"{self.path}: its player is not one that symgen {symgen.__version__} knows: "
                f"{error}"
            ) from None
        if issubclass(member, WeightsPlayer) and getattr(self.model, "player", "") != self.player:
            raise DataError(f"{self.path}: is damaged: its player does not play its model")
        player = member.open(self, threads)
        proof.prove(self, player)
        return player

    def read(self, member: str, most: int = members.MOST) -> bytes:
        """Return the bytes of one member, at most `most`, its checksum verified."""
        try:
            data = members.read(self.path, member, most)
        except KeyError:
            raise DataError(f"{self.path}: has no {member}{self._lacking(member)}") from None
        except (OSError, ValueError) as error:
            raise DataError(f"{self.path}: damaged ({printable(error)})") from None
        if hashlib.sha256(data).hexdigest() != self.record.checksums.get(member):
            raise DataError(
                f"{self.path}: {member} is damaged: its checksum differs; copy the bundle again"
            )
        return data

    def _lacking(self, member: str) -> str:
        if member == "weights.npz":
            return "; it was slimmed for playing"
        if self.info["format"] > FORMAT_FLOAT32:
            return f"; it was made for shipping and plays only {self._exact}"
        return ""

    def graph(self, name: str = "step.onnx", precision: str | None = None) -> bytes:
        """Return a graph of the player, in the most exact precision where none is named.

        DataError for one that may not be played; see `symgen.runtime.guard`.
        """
        member = graph_member(name, precision or self._exact)
        contract = proof.contract(self, name)
        data = self.read(member, contract.bytes)
        proof.check_graph(self, member, data, contract)
        return data

    @property
    def _exact(self) -> str:
        return (self.precisions or PRECISIONS)[0]

    def most_exact(self) -> Any:
        """Return this bundle, played in its most exact precision."""
        return dataclasses.replace(self, precision=self._exact)

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the weights in the layout of Keras as float32; DataError for a slim bundle."""
        return proof.network_weights(self, self.read("weights.npz"))

    def tables(self) -> Any:
        """Return the counts of an n-gram model; DataError for a model of another kind."""
        if not isinstance(model := self.model, CountedModel):
            raise DataError(f"{self.path}: a {model.name} is not counted and has no tables")
        try:
            tables = proof.count_tables(self, self.read("tables.npz"))
            return model.read(tables, self.sizes)
        except ValueError as error:
            raise DataError(f"{self.path}: tables.npz cannot be used: {error}") from None

    def test_vector(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the test vector for its precision, 64 steps.

        `event` and `chosen` [64, fields], `controls` [64, width], `logits.<field>` [64, size].
        """
        return proof.test_vector(self, self.read(proof.test_member(self)))

    def check(self) -> list[str]:
        """Check all of it, and replay all of its test vectors; return a line for each check.

        DataError for the first thing that is wrong. `open_player` replays the first steps only.
        """
        return proof.check_whole(self)


def graph_member(graph: str, precision: str) -> str:
    """Return the member that holds `graph` in `precision`."""
    return graph if precision == PRECISIONS[0] else graph.replace(".onnx", f".{precision}.onnx")


def _read_info(path: Path) -> dict[str, Any]:
    """Return bundle.json; DataError where `path` is no bundle, or of a newer format."""
    try:
        info = members.read_info(path)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path}: not a symgen bundle ({printable(error)}); "
            "give a .symgen file that symgen wrote, or fetch it again"
        ) from None
    version = info["format"]
    if version > FORMAT:
        raise DataError(f"{path}: bundle {too_new(version, FORMAT)}")
    return info
