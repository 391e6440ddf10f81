"""Graphs of strangers: what they may be is checked before ONNX Runtime sees them.

`check` reads an ONNX model without the package onnx. A graph may hold only what symgen's exporters
write: the operators of `operators`, with constants in the file itself. No functions, no control
flow, no data outside. All shapes are computed from the declared inputs, so that nodes, memory and
work of a step are known and limited; inputs and outputs are those of the model that the bundle
describes.
"""

from symgen.runtime.guard.check import check
from symgen.runtime.guard.contract import Contract, of_head, of_step

__all__ = ["Contract", "check", "of_head", "of_step"]
