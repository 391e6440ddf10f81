"""Keys, as people write them."""

import pytest

from symgen.errors import BadOption
from symgen.notes.theory.scales import scale

MAJOR, MINOR = [0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 9, 10, 11]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("C", "C major"),
        ("c", "C major"),
        ("Am", "A minor"),
        ("am", "A minor"),
        ("C minor", "C minor"),
        ("Cm", "C minor"),
        ("CM", "C major"),
        ("F# minor", "F# minor"),
        ("F♯m", "F# minor"),
        ("B♭", "Bb major"),
        ("Bb", "Bb major"),
        ("b", "B major"),
        ("bb", "Bb major"),
        ("bbm", "Bb minor"),
        ("D dorian", "D dorian"),
        ("ddor", "D dorian"),
        ("G Mix", "G mixolydian"),
        ("E-flat major", "Eb major"),
        ("F sharp minor", "F# minor"),
        ("  A   min ", "A minor"),
        ("C:min", "C minor"),
        ("Cmaj", "C major"),
        ("A_minor", "A minor"),
        ("f##", "F## major"),
        ("A aeolian", "A aeolian"),
        ("A natural minor", "A aeolian"),
        ("E harmonic minor", "E harmonic minor"),
        ("F Lydian", "F lydian"),
        ("C♮", "C major"),
    ],
)
def test_every_form_is_read(text, name):
    assert scale(text).name == name


@pytest.mark.parametrize(
    ("text", "tonic", "steps"),
    [
        ("C", 0, MAJOR),
        ("F#", 6, MAJOR),
        ("Gb", 6, MAJOR),
        ("Cb", 11, MAJOR),
        ("B#", 0, MAJOR),
        ("Am", 9, MINOR),
        ("D dorian", 2, [0, 2, 3, 5, 7, 9, 10]),
        ("A aeolian", 9, [0, 2, 3, 5, 7, 8, 10]),
    ],
)
def test_a_scale_has_its_pitch_classes(text, tonic, steps):
    found = scale(text)
    assert found.tonic == tonic
    assert sorted((c - tonic) % 12 for c in range(12) if found.mask[c]) == steps


@pytest.mark.parametrize(
    "text", ["", "H", "C foo", "7", "Am7", "C major minor", "C###", "#", "Cmm", "\x1b[2J"]
)
def test_a_bad_key_names_the_forms(text):
    with pytest.raises(BadOption, match="such as C, Am, F# minor, Bb, D dorian") as error:
        scale(text)
    assert repr(text) in str(error.value)
