"""Recordings: headers that lie, numbers that are none, silence of hours in a small file."""

import io
import os
import struct

import numpy as np

from tests.hostile.cases import EITHER, READ, REFUSED, file, hostile

RATE = 16_000


def recording(seconds=3.0, rate=RATE, channels=1, kind="WAV", subtype="PCM_16", sound=None):
    """The bytes of a recording of noise."""
    import soundfile

    if sound is None:
        sound = np.random.default_rng(0).normal(0, 0.1, (round(seconds * rate), channels))
    out = io.BytesIO()
    soundfile.write(out, sound, rate, format=kind, subtype=subtype)
    return out.getvalue()


def patched(data, at, value):
    return data[:at] + value + data[at + len(value) :]


@hostile("sound", REFUSED, "empty|skipped")
def a_recording_of_no_bytes(folder):
    return file(folder, "x.wav", b"")


@hostile("sound", REFUSED, "holds no sound")
def a_recording_of_no_frames(folder):
    return file(folder, "x.wav", recording(0.0))


@hostile("sound", READ, "cut off")
def a_wav_that_is_cut_off(folder):
    return file(folder, "x.wav", recording()[:50_000])


@hostile("sound", READ, "that its header claims")
def a_flac_that_is_cut_off(folder):
    return file(folder, "x.flac", recording(kind="FLAC")[:50_000])


@hostile("sound", READ)
def an_mp3_that_is_cut_off(folder):
    data = recording(10.0, kind="MP3", subtype="MPEG_LAYER_III")
    return file(folder, "x.mp3", data[: len(data) // 2])


@hostile("sound", EITHER)
def a_wav_that_claims_four_gigabytes(folder):
    data = recording()
    data = patched(data, 4, struct.pack("<I", 0xFFFFFFF0))
    return file(folder, "x.wav", patched(data, 40, struct.pack("<I", 0xFFFFFF00)))


def claimed(hours):
    data = recording(kind="FLAC")
    counts = int.from_bytes(data[18:26], "big") >> 36 << 36
    return patched(data, 18, (counts | hours * 3600 * RATE).to_bytes(8, "big"))


@hostile("sound", READ, "that its header claims")
def a_flac_that_claims_ten_hours(folder):
    return file(folder, "x.flac", claimed(10))


@hostile("sound", REFUSED, "over the limit")
def a_flac_that_claims_a_hundred_hours(folder):
    return file(folder, "x.flac", claimed(100))


@hostile("sound", REFUSED, "limit of 67,108,864 bytes")
def silence_packed_to_nothing_in_a_small_flac(folder):
    import soundfile

    with soundfile.SoundFile(folder / "x.flac", "w", 192_000, 2, "PCM_16", format="FLAC") as out:
        for _ in range(400):
            out.write(np.zeros((192_000, 2), np.int16))
    return "x.flac"


@hostile("sound", READ)
def values_that_are_no_numbers(folder):
    sound = np.full(RATE * 2, np.nan, np.float32)
    sound[::7], sound[::11] = np.inf, 0.1
    return file(folder, "x.wav", recording(subtype="FLOAT", sound=sound))


@hostile("sound", REFUSED, "full scale is 1")
def values_beyond_reason(folder):
    return file(folder, "x.wav", recording(subtype="DOUBLE", sound=np.full(RATE, 1e30)))


@hostile("sound", READ)
def a_rate_of_384_kilohertz(folder):
    return file(folder, "x.wav", recording(2.0, rate=384_000))


@hostile("sound", REFUSED, "frames per second")
def a_rate_beyond_reason(folder):
    return file(folder, "x.wav", patched(recording(), 24, struct.pack("<I", 2_000_000_000)))


@hostile("sound", REFUSED, "32 channels, over the limit of 8")
def thirty_two_channels(folder):
    return file(folder, "x.wav", recording(1.0, channels=32))


@hostile("sound", REFUSED, "is it really .mp3")
def a_text_named_mp3(folder):
    return file(folder, "x.mp3", "this is text\n" * 10_000)


@hostile("sound", REFUSED)
def an_mp3_of_marks_without_frames(folder):
    return file(folder, "x.mp3", b"\xff\xfb\x90\x00" * 1_000_000)


@hostile("sound", EITHER)
def an_mp3_among_megabytes_of_noise(folder):
    noise = np.random.default_rng(0).bytes(2_000_000)
    sound = recording(2.0, kind="MP3", subtype="MPEG_LAYER_III")
    return file(folder, "x.mp3", noise + sound + noise)


@hostile("sound", EITHER)
def an_ogg_of_pages_by_the_hundred_thousand(folder):
    page = b"OggS" + bytes(22) + b"\0"
    return file(folder, "x.ogg", recording(1.0, kind="OGG", subtype="VORBIS") + page * 200_000)


@hostile("sound", EITHER)
def chunks_of_wav_by_the_hundred_thousand(folder):
    data = recording()
    return file(folder, "x.wav", data[:36] + b"junk\0\0\0\0" * 300_000 + data[36:])


@hostile("sound", REFUSED, r"x\.mp3")
def a_primer_that_is_a_text_named_mp3(folder):
    file(folder, "x.mp3", "this is text\n" * 10_000)
    return ["sample", "piano", "--primer", "x.mp3", "--seconds", "2", "-o", "x.mid", "-q"]


@hostile("sound", REFUSED, r"x\.mp3")
def a_text_named_mp3_to_be_transcribed(folder):
    file(folder, "x.mp3", "this is text\n" * 10_000)
    return ["transcribe", "x.mp3", "-o", "midi", "-q"]


@hostile("sound", EITHER)
def no_numbers_to_be_transcribed(folder):
    sound = np.full(RATE * 2, np.nan, np.float32)
    file(folder, "x.wav", recording(subtype="FLOAT", sound=sound))
    return ["transcribe", "x.wav", "-o", "midi", "-q"]


@hostile("sound", REFUSED, "not a regular file")
def a_pipe_to_be_transcribed(folder):
    os.mkfifo(folder / "x.wav")
    return ["transcribe", "x.wav", "-o", "midi", "-q"]


@hostile("sound", EITHER)
def a_folder_of_recordings_with_pipes_and_links(folder):
    file(folder, "music/a.wav", recording(1.0))
    os.mkfifo(folder / "music/b.wav")
    (folder / "music/c.wav").symlink_to("/dev/zero")
    (folder / "music/d.mp3").symlink_to("../../outside/secret.txt")
    return "music"
