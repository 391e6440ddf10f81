"""ABC: tunes written as text, read by the ABC standard 2.1 as tunes in the wild use it."""

from symgen.notes.abc.reader import AbcReader as AbcReader
from symgen.notes.abc.reader import tunes as tunes
from symgen.notes.abc.tune import Tune as Tune
