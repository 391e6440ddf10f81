"""Quantise played music: find its beat, and put its notes on the grid of that beat."""

from symgen.notes.quantise.quantise import Quantised as Quantised
from symgen.notes.quantise.quantise import on_grid as on_grid
from symgen.notes.quantise.quantise import quantise as quantise
