"""Datasets of sound: recordings as bytes on disk, one for each field of a sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symgen.dataset.augment import Augment
from symgen.encodings import Codec, sounds
from symgen.encodings.sound import Sound
from symgen.errors import BadOption

NOTHING = Augment(transpose=0, stretch=(1.0,))


def of_sound(
    encoding: str | Codec | Mapping[str, Any] | None,
    augment: Augment | None = None,
    reading: Mapping[str, Any] | None = None,
) -> Sound | None:
    """Return the encoding of sound that is requested, or None for one of notes.

    BadOption where sound is requested with an augmentation or with options of readers.
    """
    table = {"name": encoding} if isinstance(encoding, str) else encoding
    if isinstance(table, Mapping):
        if table.get("name") not in sounds:
            return None
        table = sounds.make(table)
    if not isinstance(table, Sound):
        return None
    if augment not in (None, Augment(), NOTHING):
        raise BadOption("[augment] is of notes: sound is neither transposed nor stretched")
    if reading:
        raise BadOption(f"{', '.join(reading)}: recordings have no such option; leave it out")
    return table
