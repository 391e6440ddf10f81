"""The picture of a piece: a PNG with its notes, its keys and its pedal."""

import struct
import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from symgen.errors import MissingExtra
from symgen.notes.sequence import CONTROL_CHANGE, Source, table
from symgen.rendering import pianoroll, render


@pytest.fixture
def song(piece):
    changes = table(
        CONTROL_CHANGE, time=[0.5, 1.5, 2.0], control_number=64, control_value=[127, 0, 70]
    )
    return piece(
        pitch=[48, 60, 71],
        velocity=[20, 64, 127],
        start_time=[0.0, 1.0, 2.0],
        end_time=[1.0, 2.0, 4.0],
        control_changes=changes,
    )


def test_it_is_a_png_and_the_same_each_time(tmp_path, song):
    one, two = (render(song, tmp_path / f"{n}.png").path.read_bytes() for n in "ab")
    assert one[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", one[16:24])
    assert width > height > 200
    assert one == two


def test_notes_lie_at_their_time_and_pitch_coloured_by_velocity(song):
    figure = pianoroll.draw(song)
    (bars,) = figure.axes[0].collections
    boxes = [p.get_extents() for p in bars.get_paths()]
    np.testing.assert_allclose(
        [(b.x0, b.x1, (b.y0 + b.y1) / 2) for b in boxes], [(0, 1, 48), (1, 2, 60), (2, 4, 71)]
    )
    np.testing.assert_array_equal(bars.get_array(), [20, 64, 127])
    assert bars.get_clim() == (1, 127)


def test_axes_say_what_they_show(song):
    main, pedal = pianoroll.draw(song).axes[:2]
    assert [t.get_text() for t in main.get_yticklabels()] == ["C3", "C4", "C5"]
    assert pedal.get_xlabel() == "time (seconds)"
    assert main.get_xlim() == (0, 4)


def test_without_a_pedal_there_is_no_strip(piece):
    axes = pianoroll.draw(piece(pitch=61)).axes
    assert len(axes) == 2  # the roll and the colour bar
    assert axes[0].get_xlabel() == "time (seconds)"


def test_the_pedal_is_down_until_it_is_lifted_or_the_piece_ends(song):
    np.testing.assert_allclose(pianoroll.pedal_spans(song), [[0.5, 1.5], [2.0, 4.0]])


@pytest.mark.parametrize("name", ["a $b^c$.mid", "夜.mid", "\x1b[31m.mid"])
def test_a_title_is_only_text(tmp_path, song, name):
    render(song.replace(source=Source(path=name)), tmp_path / "a.png")


def test_without_matplotlib_the_extra_is_named(tmp_path, song, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(
        MissingExtra, match=r"a piano-roll picture needs matplotlib: pip install 'symgen\[plot\]'"
    ):
        render(song, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()
