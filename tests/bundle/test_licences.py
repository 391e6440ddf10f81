"""What follows from the licences of the music: the strictest decides, the unknown is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.bundle.licences import KINDS, commercial, kind, of_weights, strictest


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("CC0-1.0", "free"),
        ("public domain", "free"),
        ("MIT", "attribution"),
        ("CC BY 4.0", "attribution"),
        ("cc-by-4.0", "attribution"),
        ("Apache-2.0", "attribution"),
        ("CC BY-SA 3.0 DE", "share-alike"),
        ("cc-by-sa-4.0", "share-alike"),
        ("GPL-3.0", "copyleft"),
        ("LGPL-2.1", "copyleft"),
        ("CC BY-NC-SA 4.0", "no"),
        ("CC BY-ND 4.0", "no"),
        ("non-commercial use only", "no"),
        ("in copyright: your own files, for your own use", "no"),
        ("", "unknown"),
        (None, "unknown"),
        ("ask me", "unknown"),
        ("public domain; the ABC by permission of those who typed it (music21's corpus)", "free"),
    ],
)
def test_a_licence_is_known_by_its_name(licence, expected):
    assert kind(licence) == expected


def sets(*names):
    return [{"name": f"set {i}", "licence": name} for i, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "answer", "message", "weights"),
    [
        (["CC0-1.0"], "yes", "without conditions", "CC0-1.0"),
        (["CC0-1.0", "MIT"], "yes", "with attribution", "MIT"),
        (
            ["MIT", "CC BY-SA 3.0 DE"],
            "yes",
            "(distribute it under CC BY-SA 3.0 DE), not to what it plays",
            "CC BY-SA 3.0 DE",
        ),
        (
            ["CC BY-SA 3.0", "CC BY-SA 4.0"],
            "yes",
            "distribute it under CC BY-SA 4.0",
            "CC BY-SA 4.0",
        ),
        (["GPL-3.0", "CC0-1.0"], "yes", "distribute it under GPL-3.0", "GPL-3.0"),
        (["GPL-3.0", "CC BY-SA 4.0"], "ask", "CC BY-SA 4.0 and GPL-3.0 each require", "GPL-3.0"),
        (["MIT", "CC BY-NC-SA 4.0"], "no", "set 1 (CC BY-NC-SA 4.0)", "CC BY-NC-SA 4.0"),
        (["CC BY-NC-SA 4.0", None], "ask", "no licence is known of set 1", "unknown"),
        ([], "ask", "its training music", "unknown"),
    ],
)
def test_what_follows_for_a_model(names, answer, message, weights):
    found = commercial(sets(*names))
    assert found.answer == answer and message in found.reason
    assert of_weights(sets(*names)) == weights


NAMES = st.sampled_from(["CC0-1.0", "MIT", "CC BY-SA 3.0", "GPL-3.0", "CC BY-NC 4.0", ""])


@given(st.lists(NAMES, min_size=1), NAMES)
def test_more_music_never_makes_it_freer(names, more):
    before, after = strictest(sets(*names)), strictest(sets(*names, more))
    assert KINDS.index(after) >= KINDS.index(before)
    assert commercial(sets(*names)).answer == commercial(sets(*reversed(names))).answer
