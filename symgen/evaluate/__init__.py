"""Evaluating: what trained models are worth on music that they have not heard, beside what is published and what is simple.

Bundles are played by ONNX Runtime, without a training framework. `evaluate` is for any bundle and gives an Evaluation;
`nottingham` is the protocol of published figures.
"""

from __future__ import annotations

from symgen.evaluate.document import Evaluation
from symgen.evaluate.evaluate import evaluate
from symgen.evaluate.nottingham import nottingham
from symgen.registry import make_callable

__all__ = ["Evaluation", "evaluate", "nottingham"]

make_callable(__name__)
