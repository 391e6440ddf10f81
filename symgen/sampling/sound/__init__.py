"""Sampling of models of raw audio: a bundle becomes sound."""

from symgen.sampling.sound.draw import Request, Sounded, draw

__all__ = ["Request", "Sounded", "draw"]
