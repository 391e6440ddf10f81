"""Encodings of sound: a sample is a step of one or two fields of 256 values."""

from symgen.encodings.sound.base import Sound

__all__ = ["Sound"]
