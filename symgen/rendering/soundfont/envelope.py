"""Volume and modulation envelopes, in frames."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from symgen.rendering.soundfont.region import Envelope
from symgen.types import Floats

Wave = npt.NDArray[np.float32]

FLOOR = 1e-4  # 80 dB below its peak, a note has ended
DECAY = math.log(1e5)  # decay and release times are for a fall by 100 dB
SHORTEST = 0.008  # seconds of decay or release at least, to prevent clicks
INSTANT = 1e-3  # frames, instead of 0
STRIDE = 256
NEVER = 1 << 62


@dataclass(frozen=True)
class Contour:
    """The amplitude envelope of a note; times in frames, slopes in nats per frame."""

    begin: float
    top: float
    fall: float
    slope: float
    sustain: float
    release: float

    @classmethod
    def of(cls, envelope: Envelope, rate: int) -> Contour:
        """Return `envelope` at `rate` frames per second."""
        begin = envelope.delay * rate
        top = begin + envelope.attack * rate
        return cls(
            begin,
            top,
            top + envelope.hold * rate,
            DECAY / (max(envelope.decay, SHORTEST) * rate),
            envelope.sustain,
            DECAY / (max(envelope.release, SHORTEST) * rate),
        )

    def at(self, frame: float) -> float:
        """Return the amplitude at `frame` while the key is held."""
        if frame < self.top:
            return max(frame - self.begin, 0.0) / max(self.top - self.begin, INSTANT)
        return max(math.exp(-self.slope * max(frame - self.fall, 0.0)), self.sustain)

    def end(self, held: int) -> int:
        """Return the frame at which a note that is released after `held` frames has ended."""
        faded = self.fall - math.log(FLOOR) / self.slope if self.sustain < FLOOR else NEVER
        if faded <= held:
            return math.ceil(faded)
        return math.ceil(held + math.log(max(self.at(held) / FLOOR, 1.0)) / self.release)

    def shape(self, wave: Wave, first: int, held: int) -> None:
        """Multiply `wave` by the amplitude, in place.

        It begins at frame `first` of a note that is released after `held` frames.
        """
        last = first + len(wave)
        flat = self.fall - math.log(max(self.sustain, 1e-9)) / self.slope
        for begin, end in _spans(
            first, last, (0.0, self.begin, self.top, self.fall, flat, math.inf), held
        ):
            part = wave[begin - first : end - first]
            if begin >= held:
                part *= curve(
                    end - begin,
                    self.release,
                    self.at(held) * math.exp(-self.release * (begin - held)),
                )
            elif begin < self.top:
                part *= ramp(begin, end, self.begin, self.top)
            elif self.fall <= begin < flat:
                part *= curve(end - begin, self.slope, self.at(begin))
            elif self.at(begin) < 1:
                part *= np.float32(self.at(begin))


def _spans(first: int, last: int, knots: tuple[float, ...], held: int) -> list[tuple[int, int]]:
    """Split [first, last) at the knots before `held`, and at `held`."""
    cuts = [math.ceil(k) for k in knots if first < k < min(last, held)]
    cuts = sorted(
        {first, last, *(c for c in cuts if c < last), *([held] if first < held < last else [])}
    )
    return list(itertools.pairwise(cuts))


def ramp(begin: int, end: int, low: float, high: float) -> Wave:
    """Return the line from 0 at `low` to 1 at `high`, for the frames from `begin` to `end`."""
    line: Wave = np.arange(begin, end, dtype=np.float32)
    line -= np.float32(low)
    line /= np.float32(max(high - low, INSTANT))
    return np.clip(line, 0, 1, out=line)


def curve(count: int, slope: float, level: float) -> Wave:
    """Return level * exp(-slope * i) for i < count."""
    rows = -(-count // STRIDE)
    coarse = level * np.exp(-slope * STRIDE * np.arange(rows))
    fine = np.exp(-slope * np.arange(STRIDE))
    out: Wave = np.multiply.outer(coarse.astype(np.float32), fine.astype(np.float32)).reshape(-1)[
        :count
    ]
    return out


def glide(envelope: Envelope, seconds: Floats) -> Floats:
    """Return the value of a modulation envelope at each time, 0 to 1, while the key is held."""
    begin, top = envelope.delay, envelope.delay + envelope.attack
    fall = top + envelope.hold
    times = np.array([begin, top, fall, fall + envelope.decay * (1 - envelope.sustain)])
    times += 1e-9 * np.arange(4)
    out: Floats = np.interp(seconds, times, np.array([0.0, 1.0, 1.0, envelope.sustain]))
    return out
