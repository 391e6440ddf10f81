"""The soundfont player in blocks: notes come while it plays, and voices go on between blocks."""

from symgen.rendering.soundfont.live.blocks import BlockSynth
from symgen.rendering.soundfont.live.sampler import Sampler

__all__ = ["BlockSynth", "Sampler"]
