"""Evaluating: what trained models are worth on music that they have not heard, beside what is published and what is simple.

Bundles are played by ONNX Runtime, without a training framework. `nottingham` is the one protocol so far.
"""

from __future__ import annotations

from symgen.evaluate.nottingham import nottingham

__all__ = ["nottingham"]
