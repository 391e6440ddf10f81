"""The controls, one class each; `symgen.controls` is their registry."""
