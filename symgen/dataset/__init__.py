"""Datasets: the music of a corpus as events on disk, in two splits, and batches to train on."""

from __future__ import annotations

from symgen.dataset.augment import Augment as Augment
from symgen.dataset.build import convert as convert
from symgen.dataset.dataset import Dataset as Dataset
from symgen.dataset.dataset import find as find
from symgen.dataset.pieces import Split as Split
