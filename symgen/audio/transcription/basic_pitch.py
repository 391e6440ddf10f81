"""The transcriber `basic_pitch`: the network of basic-pitch, and symgen's own reading of it.

The network gives probabilities of onsets and of notes; `decoder` finds the notes in them, and how
loud each is comes from the sound. It was made for any instrument; the judges learned pianos.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from symgen.audio.transcription import network
from symgen.audio.transcription.base import Transcriber
from symgen.audio.transcription.decoder import Decoder, joined
from symgen.audio.transcription.ends import Heard
from symgen.audio.transcription.frames import HOP, KEYS, LOWEST, RATE, frames
from symgen.audio.transcription.judges import judges
from symgen.checks import number, whole
from symgen.notes.sequence import NOTE
from symgen.types import Array, Floats, Floats32

EARLY = 0.0145  # seconds by which the network's onsets are late
MIDDLE = 64  # the median velocity: how loud a recording is as a whole says nothing


@dataclasses.dataclass(frozen=True)
class BasicPitch(Transcriber):
    """Options of `basic_pitch`.

    threshold   probability from which an onset counts: lower finds more notes, and more wrong ones
    min_length  seconds: notes shorter than this are left out
    threads     of the network
    """

    threshold: float = 0.55
    min_length: float = 0.03
    threads: int = 1

    rate = RATE

    def __post_init__(self) -> None:
        number("threshold", self.threshold, 0.01, 0.99)
        number("min_length", self.min_length, 0.0, 10.0)
        whole("threads", self.threads, 1, 64)

    def check(self) -> None:
        """Raise DataError where the network is missing."""
        network.graph()

    def notes(self, blocks: Iterable[Floats32]) -> Array:
        """Return the notes of a recording."""
        found, decoder = list[Heard](), Decoder(judges(), self.threshold)
        for part in frames(blocks, network.network(self.threads)):
            found.append(decoder.feed(part))
        found.append(decoder.finish())
        heard = joined(found)
        begin = np.maximum(heard.begin * HOP / RATE - EARLY, 0)
        end = np.maximum(heard.end * HOP / RATE, begin + HOP / RATE)
        table = np.zeros(len(begin), NOTE)
        table["pitch"], table["velocity"] = heard.key + LOWEST, _velocities(heard)
        table["start_time"], table["end_time"] = begin, end
        table = table[end - begin >= self.min_length]
        return table[np.lexsort((table["pitch"], table["start_time"]))]


def _velocities(heard: Heard) -> Floats:
    """Return the velocity of each note: how loud it is beside the others."""
    loud = loudness(heard)
    middle = np.median(loud) if len(loud) else 0.0
    return np.clip(np.round(loud - middle + MIDDLE), 1, 127)


def loudness(heard: Heard) -> Floats:
    """Return how loud each note is, as a velocity from an unknown origin."""
    place = (heard.key / KEYS - 0.5)[:, None]
    columns = np.concatenate([heard.level, place, place**2], axis=1)
    found: Floats = columns @ judges().strength
    return found
