"""Read ABC, tunes written as text: the ABC standard 2.1, and what tunes in the wild do."""

from symgen.notes.abc.reader import AbcReader as AbcReader
from symgen.notes.abc.reader import tunes as tunes
from symgen.notes.abc.tune import Tune as Tune
