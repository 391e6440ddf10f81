"""Recordings: read in blocks, measured, compared and cut into tracks.

Sound is float32 [frames, channels], with full scale at 1. Nothing here holds a whole recording.
"""

from __future__ import annotations

from symgen.audio.cutting import Track as Track
from symgen.audio.cutting import sounds as sounds
from symgen.audio.cutting import tracks as tracks
from symgen.audio.listing import Recordings as Recordings
from symgen.audio.listing import holds_audio as holds_audio
from symgen.audio.listing import recordings as recordings
