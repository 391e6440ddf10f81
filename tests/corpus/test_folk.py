"""The tunes that symgen ships: complete strains, chords throughout, final keys, variety."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from symgen.corpus import open_corpus, pieces
from symgen.notes.theory.chords import parse
from symgen.notes.theory.meter import quarters

FOLK = Path(__file__).parents[2] / "corpora" / "folk"
BOOKS = sorted(FOLK.glob("*.abc"))
FIELDS = "XTROMLQK"


@pytest.fixture(scope="module")
def tunes():
    refused = []
    out = [(p.id, p.sequence) for p in pieces(FOLK, refused)]
    assert refused == []
    return out


def headers():
    """The header of each tune, as a list of lines, and the rest of it."""
    for book in BOOKS:
        for block in book.read_text(encoding="utf-8").strip().split("\n\n"):
            lines = block.splitlines()
            yield lines[: len(FIELDS)], lines[len(FIELDS) :]


def failing(tunes, fits):
    """The titles of the tunes that a rule does not hold for."""
    return [sequence.source.title for _, sequence in tunes if not fits(sequence)]


def bar(sequence):
    """The length of a bar in quarter notes."""
    meter = sequence.time_signatures[0]
    return 4 * meter["numerator"] / meter["denominator"]


def bars(sequence):
    """How many bars the tune lasts, its repeats played; the last bar and the pickup make one."""
    return float(quarters(sequence, [sequence.total_time])[0]) / bar(sequence)


def closing(sequence):
    """The chord at the end, the last note's pitch class, and the tonic's."""
    return (
        parse(sequence.chords["symbol"][-1]),
        sequence.notes["pitch"][-1] % 12,
        sequence.key_signatures["key"][0],
    )


def test_it_is_given_away():
    corpus = open_corpus(FOLK)
    assert (corpus.name, corpus.licence, corpus.synthetic, len(corpus)) == (
        "folk",
        "CC0-1.0",
        False,
        len(BOOKS),
    )
    assert "public domain: CC0 1.0" in (FOLK / "README.md").read_text(encoding="utf-8")


def test_there_are_enough_tunes_and_no_two_share_a_name(tunes):
    assert len(tunes) >= 60
    assert len({name for name, _ in tunes}) == len(tunes)
    assert len({sequence.source.title for _, sequence in tunes}) == len(tunes)


def test_a_header_says_what_the_tune_is_and_nothing_else():
    for head, body in headers():
        assert "".join(line[0] for line in head) == FIELDS, head[1]
        assert all(len(line) > 2 and line[1] == ":" for line in head), head[1]
        assert body and not any(re.match(r"[A-Za-z]:|%", line) for line in body), head[1]


def test_the_reader_mends_nothing(tunes):
    assert failing(tunes, lambda s: not s.source.warnings) == []


def test_every_bar_and_strain_is_whole(tunes):
    """One row of meter: every bar line is on the grid. Too long or short bars would add rows."""
    assert failing(tunes, lambda s: len(s.time_signatures) == 1) == []
    assert failing(tunes, lambda s: abs(bars(s) - round(bars(s))) < 1e-6) == []
    assert failing(tunes, lambda s: round(bars(s)) >= 16) == []


def test_it_is_one_voice_that_an_instrument_can_play(tunes):
    assert (
        failing(tunes, lambda s: s.notes["pitch"].min() >= 55 and s.notes["pitch"].max() <= 86)
        == []
    )
    assert failing(tunes, lambda s: not s.notes["instrument"].any()) == []
    assert (
        failing(
            tunes, lambda s: (s.notes["start_time"][1:] >= s.notes["end_time"][:-1] - 1e-9).all()
        )
        == []
    )


def test_nothing_stops_for_longer_than_two_bars(tunes):
    def longest(sequence):
        return np.diff(
            quarters(sequence, [*sequence.notes["start_time"], sequence.total_time])
        ).max() / bar(sequence)

    assert failing(tunes, lambda s: longest(s) <= 3) == []


def test_every_chord_is_one_and_changes_on_a_beat(tunes):
    for _, sequence in tunes:
        meter, first = sequence.time_signatures[0], sequence.first_bar_time
        places = (quarters(sequence, sequence.chords["time"]) - quarters(sequence, [first])) / (
            1.5 if meter["numerator"] in (6, 9) else 1
        )
        assert np.allclose(places, np.round(places)), sequence.source.title
        assert all(parse(symbol) for symbol in sequence.chords["symbol"].tolist()), (
            sequence.source.title
        )


def test_chords_go_through(tunes):
    """There are at least three; the first begins with the first bar; none lasts over four bars."""
    for _, sequence in tunes:
        times = quarters(sequence, [*sequence.chords["time"], sequence.total_time])
        assert times[0] == quarters(sequence, [sequence.first_bar_time])[0], sequence.source.title
        assert np.diff(times).max() <= 4 * bar(sequence) + 1e-6, sequence.source.title
        assert len(set(sequence.chords["symbol"].tolist())) >= 2, sequence.source.title


def test_melody_and_chords_agree(tunes):
    """Well over half of what sounds is in the chord above it."""

    def share(sequence):
        notes = sequence.notes
        now = np.searchsorted(sequence.chords["time"], notes["start_time"] + 1e-6) - 1
        classes = np.array(
            [parse(symbol).classes for symbol in sequence.chords["symbol"].tolist()]
        )[now]
        length = (notes["end_time"] - notes["start_time"]) * (now >= 0)
        return float((length * (classes >> (notes["pitch"] % 12) & 1)).sum() / length.sum())

    assert failing(tunes, lambda s: share(s) > 0.6) == []
    assert np.mean([share(sequence) for _, sequence in tunes]) > 0.75


def test_a_tune_begins_and_ends_at_home(tunes):
    for _, sequence in tunes:
        chord, last, tonic = closing(sequence)
        assert chord.root == tonic and parse(sequence.chords["symbol"][0]).classes >> tonic & 1, (
            sequence.source.title
        )
        assert chord.classes >> last & 1, sequence.source.title


def test_keys_modes_and_meters_vary(tunes):
    meters = Counter(tuple(sequence.time_signatures[0].tolist()[1:]) for _, sequence in tunes)
    assert (
        meters[4, 4] + meters[2, 2] >= 20
        and meters[6, 8] >= 18
        and meters[3, 4] >= 6
        and meters[2, 4] >= 6
        and meters[9, 8] >= 2
    )
    keys = Counter(line[2:] for head, _ in headers() for line in head if line.startswith("K:"))
    assert len(keys) >= 14 and max(keys.values()) <= len(tunes) // 3
    assert {"G", "D", "A", "C", "F", "Bb", "Em", "Am", "Dm", "Ador", "Edor", "Dmix", "Gdor"} <= set(
        keys
    )
    rhythms = Counter(line[2:] for head, _ in headers() for line in head if line.startswith("R:"))
    assert (
        rhythms["reel"] + rhythms["hornpipe"] >= 18
        and rhythms["jig"] + rhythms["slip jig"] >= 18
        and len(rhythms) >= 9
    )
