"""What a player makes of a MIDI file: it takes the events of all tracks by tick, as mido merges
them, and keeps one state for each channel."""

import io
import math
from collections import defaultdict

import mido

START = {7: 100, 10: 64, 11: 127}
RANGE = "bend range"
RESET = {1: 0, 11: 127, 64: 0, 66: 0, 67: 0}  # what controller 121 sets, as RP-015 has it


class Channel:
    """Program, controllers and bend of a channel, and the notes that sound on it."""

    def __init__(self, drums):
        self.drums, self.bank, self.sound = drums, 0, (0, 0)
        self.state = defaultdict(int, START | {RANGE: 2, "bend": 0})
        self.parameter = (127, 127)
        self.notes = []  # those that sound: their rows

    def move(self, now, what, value):
        """Set a part of the state; notes that sound hear it."""
        if self.state[what] != value:
            self.state[what] = value
            for note in self.notes:
                note["moves"] += ((now, what, value),)
        if what == 64 and value < 64:
            self.end(now, lambda note: note["released"])

    def end(self, now, which):
        """End the notes that `which` says."""
        for note in [n for n in self.notes if which(n)]:
            note["end"] = now
            self.notes.remove(note)

    def release(self, now, which):
        """Release notes: they end, or ring on under the pedal."""
        for note in self.notes:
            note["released"] |= which(note)
        if self.state[64] < 64:
            self.end(now, lambda note: note["released"])

    def control(self, now, number, value):
        """Take a control change."""
        if number == 0:
            self.bank = value
        elif number in (100, 101):
            self.parameter = (*self.parameter[:1], value) if number == 100 else (value, 127)
        elif number == 6 and self.parameter == (0, 0):
            self.move(now, RANGE, value)
        elif number == 121:
            self.parameter = (127, 127)
            for what, default in (*RESET.items(), ("bend", 0)):
                self.move(now, what, default)
        elif number == 120:
            self.end(now, lambda note: True)
        elif number >= 123:
            self.release(now, lambda note: True)
        elif number in (1, 7, 10, 11, 64):
            self.move(now, number, value)


def played(data):
    """Return a row for each note as it is heard: times in seconds, sound, and all that moves it."""
    file = mido.MidiFile(file=io.BytesIO(data), clip=True)
    channels, rows = [Channel(number == 9) for number in range(16)], []
    now, tempo = 0.0, 500_000
    for message in mido.merge_tracks(file.tracks):
        now += mido.tick2second(message.time, file.ticks_per_beat, tempo)
        if message.type == "set_tempo":
            tempo = message.tempo
        if message.is_meta or message.type == "sysex":
            continue
        take(channels[message.channel], round(now, 3), message, rows)
    for note in (note for channel in channels for note in channel.notes):
        note["end"] = math.inf  # under the pedal
    fields = "start", "end", "pitch", "velocity", "drums", "sound", "state", "moves"
    return sorted(tuple(row[name] for name in fields) for row in rows)


def take(channel, now, message, rows):
    """Take one message of a channel; a note-on adds a row."""
    if message.type == "program_change":
        channel.sound = (channel.bank, message.program)
    elif message.type == "control_change":
        channel.control(now, message.control, message.value)
    elif message.type == "pitchwheel":
        channel.move(now, "bend", message.pitch)
    elif message.type == "note_on" and message.velocity:
        state = tuple(channel.state[what] for what in (1, 7, 10, 11, "bend", RANGE))
        row = {"start": now, "pitch": message.note, "velocity": message.velocity, "moves": ()}
        row |= {"drums": channel.drums, "sound": channel.sound, "state": state, "released": False}
        channel.notes.append(row)
        rows.append(row)
    elif message.type in ("note_on", "note_off"):
        channel.release(now, lambda n: n["pitch"] == message.note)
