"""Evaluating: what trained models are worth on music that they have not heard, beside what is published and what is simple.

Bundles are played by ONNX Runtime, without a training framework. `evaluate` is for any bundle and gives an Evaluation;
`nottingham` is the protocol of published figures.
"""

from __future__ import annotations

from symgen.evaluation.document import Evaluation
from symgen.evaluation.evaluate import evaluate
from symgen.evaluation.nottingham.protocol import nottingham

__all__ = ["Evaluation", "evaluate", "nottingham"]
