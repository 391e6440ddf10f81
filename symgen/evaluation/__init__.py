"""Evaluation: how good trained models are on held-out music, compared with simple baselines.

ONNX Runtime plays the bundles, so no training framework is needed. `evaluate` takes any bundle and
returns an Evaluation; `nottingham` is the protocol of the published figures.
"""

from __future__ import annotations

from symgen.evaluation.document import Evaluation
from symgen.evaluation.evaluate import evaluate
from symgen.evaluation.nottingham.protocol import nottingham

__all__ = ["Evaluation", "evaluate", "nottingham"]
