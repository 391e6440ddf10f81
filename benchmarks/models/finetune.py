"""Five minutes on one composer: fine-tuning `piano`, training from nothing, and `piano` as it is.

python benchmarks/models/finetune.py MAESTRO.zip [--model piano] [--composer Bach] [--minutes 5]

Trains on 27 recordings of the composer and scores 26 others of different works. No recording is of
a work that the model was trained on (`--heard`: numbers of works, as their titles name them).
Prints nats per note of each on the 26.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import re
import tempfile
import zipfile
from pathlib import Path

import symgen
from symgen.dataset import Dataset
from symgen.evaluation.likelihood.likelihood import likelihood
from symgen.evaluation.likelihood.network import network

TRAINED, SCORED = 27, 26
MANIFEST = """name = "one-composer"
title = "recordings of one composer"
licence = "CC BY-NC-SA 4.0"
synthetic = false
metadata = "metadata.csv"
file = "file"
split = "split"
"""


def work(title: str) -> str:
    """Return a key of a work: its number if the title has one, else the title."""
    number = re.search(r"(?:BWV|K\.?|Op\.?|Opus|Hob\.?|D\.?)\s*(\d+)", title)
    return number.group(1) if number else re.sub(r"\W+", " ", title).lower().strip()


def unpack(archive: Path, composer: str, heard: set[str], folder: Path) -> None:
    """Write the recordings and their split; ValueError where there are too few."""
    with zipfile.ZipFile(archive) as file:
        [table] = [name for name in file.namelist() if name.endswith(".csv")]
        rows = [
            row
            for row in csv.DictReader(io.StringIO(file.read(table).decode()))
            if composer in row["canonical_composer"] and "/" not in row["canonical_composer"]
        ]
        names = {Path(name).name: name for name in file.namelist()}
        works: dict[str, list[str]] = {}
        for row in rows:
            name = names.get(Path(row["midi_filename"]).name)
            if name and work(row["canonical_title"]) not in heard:
                works.setdefault(work(row["canonical_title"]), []).append(name)
        order = sorted(works)
        random.Random(0).shuffle(order)
        halves: dict[str, list[str]] = {"train": [], "validation": []}
        for key in order:
            half = "train" if len(halves["train"]) < TRAINED else "validation"
            halves[half] += works[key]
        halves = {"train": halves["train"][:TRAINED], "validation": halves["validation"][:SCORED]}
        if len(halves["validation"]) < SCORED:
            raise ValueError(f"{archive} has too few recordings of {composer}")
        lines = ["file,split"]
        for half, members in halves.items():
            for member in members:
                (folder / Path(member).name).write_bytes(file.read(member))
                lines.append(f"{Path(member).name},{half}")
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n")
    (folder / "corpus.toml").write_text(MANIFEST)


def nats_per_note(model: str, data: Dataset) -> float:
    """Return the nats per note of the bundle at `model` on the held-out split."""
    half = data.half("eval")
    return float(likelihood(network(symgen.load(model), half), half)["nats_per_note"][0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("--model", default="piano")
    parser.add_argument("--composer", default="Johann Sebastian Bach")
    parser.add_argument("--heard", default="846,847,850")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "one-composer"
        folder.mkdir()
        unpack(given.archive, given.composer, set(given.heard.split(",")), folder)
        data = symgen.convert(
            folder, encoding=symgen.load(given.model).encoding, output=Path(scratch) / "data"
        )
        options = {"data": data, "minutes": given.minutes, "out": Path(scratch) / "runs"}
        tuned = symgen.train(
            "fine_tune", start=given.model, name="tuned", overrides=given.overrides, **options
        )
        often = [
            *given.overrides,
            "training.eval_every=100",
        ]  # a short run needs frequent evaluations
        nothing = symgen.train("piano", name="nothing", overrides=often, **options)
        found = {
            name: nats_per_note(str(path), data)
            for name, path in (
                ("untouched", given.model),
                ("fine-tuned", tuned.best),
                ("from nothing", nothing.best),
            )
        }
    for name, nats in found.items():
        print(f"{name:14} {nats:.3f} nats per note")
    print(
        f"fine-tuned against from nothing {found['fine-tuned'] / found['from nothing'] - 1:+.1%}, "
        f"against untouched {found['fine-tuned'] / found['untouched'] - 1:+.1%}"
    )


if __name__ == "__main__":
    main()
