"""From a dataset to a trained bundle: the loop, its scores, journal and checkpoints.

Keras is loaded when a run begins.
"""

from symgen.training.loop.loop import Status
from symgen.training.options import Training
from symgen.training.recipe import Recipe
from symgen.training.run import Run, newest, resume, train

__all__ = ["Recipe", "Run", "Status", "Training", "newest", "resume", "train"]
