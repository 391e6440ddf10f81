"""A soundfont player that renders block after block, while notes come.

Whatever the blocks, the sound is that of `Soundfont.play` for the same notes, if each event is
given `AHEAD` seconds before the block in which it falls ends. A later one counts from the next
frame that is not rendered yet; a bend, at most AHEAD after that.

The sound is not normalised, so it may exceed 1; `symgen.rendering.limiter` prepares it for a sound
card. Memory and time depend on what sounds, not on how long it has played.
"""

from __future__ import annotations

import copy
import heapq
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from symgen.checks import whole
from symgen.notes.pedal import DOWN, SOSTENUTO, SOUND_OFF, SUSTAIN
from symgen.rendering.base import Block
from symgen.rendering.soundfont.live.channel import Channel, Struck
from symgen.rendering.soundfont.live.flow import ahead
from symgen.rendering.soundfont.live.sampler import Sampler
from symgen.rendering.soundfont.live.sounding import Sounding
from symgen.rendering.soundfont.moves import EXPRESSION, PAN, VOLUME
from symgen.rendering.soundfont.reverb import Reverb
from symgen.rendering.soundfont.voices import CUT, DRUMS

AHEAD = 0.05  # seconds
MOST = 256  # voices that sound at once
LONGEST = 1 << 14  # frames mixed at once, so that they stay in the cache
ROWS = 16  # voices mixed at once
CHANGE, LIFT, KEY, AFTER = range(4)  # the order of events at the same time


class Event(Protocol):
    """A `symgen.sampling` StreamEvent: kind "on" or "off", time in seconds."""

    @property
    def kind(self) -> str:
        """Whether it is an "on" or an "off"."""

    @property
    def time(self) -> float:
        """Seconds."""

    @property
    def pitch(self) -> int:
        """0 to 127."""

    @property
    def velocity(self) -> int:
        """0 to 127."""

    @property
    def voice(self) -> int:
        """0, or 1 for an accompaniment, which is an instrument of its own."""


class BlockSynth:
    """Plays what it is given, block by block. It is not safe for several threads at once.

    Times are in seconds from the first frame rendered. `instrument` is any number; notes,
    controllers and bends of one instrument belong together. Of more than `most` voices (None for
    no limit), the quietest fade out. `reverb` is in dB; -200 turns it off.
    """

    def __init__(self, sampler: Sampler, reverb: float = -14.0, most: int | None = MOST) -> None:
        self.sampler, self.rate, self.most = sampler, sampler.rate, most
        self.frame = 0
        self._cut = round(CUT * self.rate)
        self._ahead = max(ahead(self.rate), self._cut) + 1
        self._known = 0  # the frame up to which events have been taken
        self._room = Reverb(self.rate, reverb) if reverb > -100 else None
        self._channels: defaultdict[int, Channel] = defaultdict(Channel)
        self._voices: list[Sounding] = []
        self._events: list[tuple[float, int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0  # of events
        self._rows = np.empty((ROWS, LONGEST), np.float32)

    @property
    def time(self) -> float:
        """Seconds rendered so far."""
        return self.frame / self.rate

    @property
    def sounding(self) -> int:
        """The number of voices that sound, or are about to."""
        return len(self._voices)

    @property
    def idle(self) -> bool:
        """Whether nothing sounds or is to come, but for the reverb."""
        return not self._voices and not self._events

    def copy(self) -> BlockSynth:
        """Return another player that goes on from here just as this one does.

        They share what does not change, and scratch space, so they may not render at once.
        """
        shared = [self.sampler, self._rows, *(voice.part for voice in self._voices)]
        return copy.deepcopy(self, {id(one): one for one in shared})

    def on(
        self,
        time: float,
        pitch: int,
        velocity: int,
        instrument: int = 0,
        program: int = 0,
        drum: bool = False,
    ) -> None:
        """Begin a note at `time`; it sounds until its `off`."""
        self._strike(time, Struck(pitch, time, drum), velocity, instrument, program)

    def off(self, time: float, pitch: int, instrument: int = 0) -> None:
        """End the note of this pitch that is down longest; without one, nothing happens."""
        self._push(time, KEY, self._off, None, pitch, instrument)

    def note(
        self,
        start: float,
        end: float,
        pitch: int,
        velocity: int,
        instrument: int = 0,
        program: int = 0,
        drum: bool = False,
    ) -> None:
        """Play a note whose end is known."""
        note = Struck(pitch, start, drum)
        self._strike(start, note, velocity, instrument, program)
        self._push(max(start, end), KEY, self._off, note, pitch, instrument)

    def take(self, event: Event, instrument: int = 0, program: int = 0) -> None:
        """Take a note-on or a note-off of a stream."""
        if event.kind == "on":
            self.on(event.time, event.pitch, event.velocity, instrument, program)
        else:
            self.off(event.time, event.pitch, instrument)

    def control(self, time: float, number: int, value: int, instrument: int = 0) -> None:
        """Change a controller: volume, expression, pan, bank, pedals, or the bend range."""
        order = CHANGE
        if number == SUSTAIN and value < DOWN:
            order = LIFT
        elif number in (SOSTENUTO, SOUND_OFF):
            order = AFTER
        self._push(time, order, self._control, number, value, instrument)

    def bend(self, time: float, bend: int, instrument: int = 0) -> None:
        """Bend the pitch: -8192 to 8191 is the bend range down to up."""
        self._push(time, CHANGE, self._bend, bend, instrument)

    def release(self, time: float) -> None:
        """Release every key and pedal."""
        self._push(time, AFTER, self._release)

    def render(self, frames: int) -> Block:
        """Return the next frames, float32 [frames, 2], left and right."""
        whole("frames", frames, 0, 1 << 40)
        out = np.zeros((frames, 2), np.float32)
        for begin in range(0, frames, LONGEST):
            part = out[begin : begin + LONGEST]
            self._take(self.frame + len(part) + self._ahead)
            part[:] = self._mix(len(part)).T
            self.frame += len(part)
        return self._room.add(out) if self._room is not None else out

    def _push(self, time: float, order: int, call: Callable[..., None], *arguments: Any) -> None:
        self._count += 1
        heapq.heappush(self._events, (time, order, self._count, call, arguments))

    def _take(self, before: int) -> None:
        """Take the events before a frame."""
        events = self._events
        while events and round(events[0][0] * self.rate) < before:
            time, _, _, call, arguments = heapq.heappop(events)
            call(max(round(time * self.rate), self.frame), *arguments)
        self._known = before

    def _strike(
        self, time: float, note: Struck, velocity: int, instrument: int, program: int
    ) -> None:
        whole("pitch", note.pitch, 0, 127)
        whole("velocity", velocity, 0, 127)
        self._push(time, KEY, self._on, note, velocity, instrument, program)

    def _on(self, frame: int, note: Struck, velocity: int, instrument: int, program: int) -> None:
        channel = self._channels[instrument]
        bank = DRUMS if note.drum else channel.bank
        parts = self.sampler.casting.parts(bank, program, note.pitch, velocity)
        if not parts:
            name = self.sampler.font.path.name
            self.sampler.say(f"{name} has no sample for pitch {note.pitch}; not heard")
        channel.strike(note, frame)
        for part in parts:
            levels = channel.levels(part.region.pan, part.gain)
            voice = Sounding(self.sampler, part, note.pitch, frame, instrument, levels)
            if channel.cents:
                voice.bend(frame, channel.cents)
            note.voices.append(voice)
        self._exclude(note.voices, frame)
        self._voices += note.voices
        self._steal(frame)

    def _exclude(self, new: list[Sounding], frame: int) -> None:
        """Tell the voices of an exclusive class that the next of it begins."""
        classes = {voice.exclusive for voice in new} - {None}
        for voice in self._voices if classes else ():
            if voice.exclusive in classes and voice.start < frame and voice.rival is None:
                voice.rival = frame

    def _steal(self, frame: int) -> None:
        """Fade out the quietest of too many voices."""
        if self.most is None or len(self._voices) <= self.most:
            return
        lasting = [voice for voice in self._voices if voice.ended is None]
        lasting.sort(key=lambda voice: voice.loudness(frame))
        for voice in lasting[: max(len(lasting) - self.most, 0)]:
            voice.fade(frame)

    def _off(self, frame: int, note: Struck | None, pitch: int, instrument: int) -> None:
        channel = self._channels[instrument]
        found = note or channel.first(pitch)
        if found is not None:
            channel.off(found, frame)

    def _control(self, frame: int, number: int, value: int, instrument: int) -> None:
        channel = self._channels[instrument]
        before = channel.cents
        channel.control(number, value, frame)
        if number in (VOLUME, EXPRESSION, PAN):
            for voice in self._of(instrument):
                voice.move(frame, channel.levels(voice.part.region.pan, voice.part.gain))
        elif channel.cents != before:
            self._bent(frame, instrument, channel.cents)

    def _bend(self, frame: int, bend: int, instrument: int) -> None:
        self._channels[instrument].bent = bend
        self._bent(frame, instrument, self._channels[instrument].cents)

    def _bent(self, frame: int, instrument: int, cents: float) -> None:
        """Bend what sounds, from where it has not been read yet."""
        for voice in self._of(instrument):
            fresh = voice.start >= self.frame
            voice.bend(frame if fresh else max(frame, self._known), cents)

    def _of(self, instrument: int) -> list[Sounding]:
        return [voice for voice in self._voices if voice.instrument == instrument]

    def _release(self, frame: int) -> None:
        for channel in self._channels.values():
            channel.release(frame)

    def _mix(self, frames: int) -> Block:
        """Return the sum of the voices, float32 [2, frames], and forget those that are over."""
        begin, end = self.frame, self.frame + frames
        for voice in self._voices:
            voice.settle(end, self._cut)
        here = [v for v in self._voices if v.start < end and v.end(self._cut) > begin]
        mix = np.zeros((2, frames), np.float32)
        for first in range(0, len(here), ROWS):
            self._add(mix, here[first : first + ROWS])
        self._voices = [voice for voice in self._voices if voice.end(self._cut) > end]
        return mix

    def _add(self, mix: Block, voices: list[Sounding]) -> None:
        """Add the part of each voice inside `mix`."""
        frames = mix.shape[1]
        rows = self._rows[: len(voices), :frames]
        levels = np.zeros((2, len(voices)), np.float32)
        for row, voice in enumerate(voices):
            begin = max(voice.start - self.frame, 0)
            end = min(voice.end(self._cut) - self.frame, frames)
            first = self.frame + begin - voice.start
            sound = rows[row, begin:end]
            rows[row, :begin], rows[row, end:] = 0, 0
            voice.write(sound, first, self._cut)
            left, right = voice.sides(first, len(sound))
            if isinstance(left, float):
                levels[:, row] = left, right
            else:
                mix[0, begin:end] += sound * left
                mix[1, begin:end] += sound * right
        mix += levels @ rows
