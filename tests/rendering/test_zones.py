"""Zones merge as the standard says: defaults, global, local, and the preset's on top."""

import pytest

from symgen.errors import ReadError
from symgen.rendering.soundfont import region as r
from symgen.rendering.soundfont import sf2, zones
from tests.rendering.font import Font, sine, span


def regions(path, preset=0):
    return zones.regions(sf2.read(path), preset)


def write(path, instruments, presets, samples=1, **sample):
    made = Font()
    for _ in range(samples):
        made.sample(sine(0.1), (0, 4410), **sample)
    for group in instruments:
        made.instrument(*group)
    made.preset(0, 0, *presets)
    path.write_bytes(made.bytes())
    return path


def test_a_zone_that_says_nothing_has_the_defaults(font):
    (region,) = regions(font({}))
    assert (region.keys, region.velocities, region.pan, region.loops) == (
        (0, 127),
        (0, 127),
        0,
        False,
    )
    assert region.cutoff(60, 127) == r.OPEN
    assert region.volume(60) == r.Envelope(0, 0, 0, 0, 1, 0)
    assert region.ratio(69, 44100) == pytest.approx(1)
    assert region.ratio(81, 22050) == pytest.approx(4)


def test_local_replaces_global_and_the_preset_adds(tmp_path):
    inner = [{r.PAN: 100, r.COARSE: 2}, {r.PAN: 200, r.SAMPLE: 0}]
    outer = [{r.PAN: 30}, {r.COARSE: 1, r.INSTRUMENT: 0}]
    (region,) = regions(write(tmp_path / "f.sf2", [inner], outer))
    assert region.pan == pytest.approx(0.23)
    assert region.ratio(69, 44100) == pytest.approx(2 ** (3 / 12))


def test_ranges_meet(tmp_path):
    inner = [{r.KEYS: span(40, 80), r.SAMPLE: 0}, {r.KEYS: span(90, 99), r.SAMPLE: 0}]
    (region,) = regions(
        write(tmp_path / "f.sf2", [inner], [{r.KEYS: span(60, 85), r.INSTRUMENT: 0}])
    )
    assert region.keys == (60, 80)


def test_settings_stay_within_their_limits(font):
    (region,) = regions(font({r.PAN: 500}, outer={r.PAN: 500}))
    assert region.pan == 0.5


def test_the_root_key_and_the_cents_of_the_sample_count(font):
    assert regions(font({}, key=57, cents=50))[0].ratio(57, 44100) == pytest.approx(2 ** (0.5 / 12))
    assert regions(font({r.ROOT: 60}, key=57))[0].ratio(60, 44100) == pytest.approx(1)
    assert regions(font({r.SCALE: 50}))[0].ratio(81, 44100) == pytest.approx(2**0.5)


def test_softer_notes_follow_the_standard_curve(font):
    (region,) = regions(font({}))
    for velocity in (1, 32, 64, 100, 127):
        assert region.gain(60, velocity) == pytest.approx((velocity / 127) ** 2, rel=1e-3)


def test_attenuation_counts_two_fifths(font):
    assert regions(font({r.ATTENUATION: 500}))[0].gain(60, 127) == pytest.approx(0.1)


def test_a_modulator_of_the_font_replaces_the_default(font):
    (region,) = regions(font({"modulators": [(0x0102, r.CUTOFF, 0), (0x0502, r.ATTENUATION, 0)]}))
    assert region.cutoff(60, 1) == r.OPEN
    assert region.gain(60, 1) == 1
    assert (
        regions(font({"modulators": [(0x0102, r.CUTOFF, -2400)]}))[0].cutoff(60, 0) == r.OPEN - 2400
    )


def test_softer_notes_are_duller_by_default(font):
    (region,) = regions(font({}))
    assert region.cutoff(60, 127) > region.cutoff(60, 64) > region.cutoff(60, 1) >= r.OPEN - 1200


def test_key_scaled_decay_is_shorter_for_higher_keys(font):
    (region,) = regions(font({36: 0, 40: 100}))
    assert region.volume(60).decay == pytest.approx(1)
    assert region.volume(72).decay == pytest.approx(0.5)


def test_a_sample_in_rom_is_passed_over_and_a_compressed_one_refused(tmp_path):
    assert (
        regions(write(tmp_path / "rom.sf2", [[{r.SAMPLE: 0}]], [{r.INSTRUMENT: 0}], kind=0x8001))
        == []
    )
    with pytest.raises(ReadError, match="compressed"):
        regions(write(tmp_path / "sf3.sf2", [[{r.SAMPLE: 0}]], [{r.INSTRUMENT: 0}], kind=0x11))


@pytest.mark.parametrize(
    ("inner", "outer", "what"), [(7, 0, "sample 7 of 1"), (0, 9, "instrument 9 of 1")]
)
def test_what_is_not_there_is_refused(tmp_path, inner, outer, what):
    path = write(tmp_path / "f.sf2", [[{r.SAMPLE: inner}]], [{r.INSTRUMENT: outer}])
    with pytest.raises(ReadError, match=what):
        regions(path)


def test_a_rate_of_zero_is_refused(tmp_path):
    path = write(tmp_path / "f.sf2", [[{r.SAMPLE: 0}]], [{r.INSTRUMENT: 0}], rate=0)
    with pytest.raises(ReadError, match="claims 0 Hz"):
        regions(path)


def test_a_flood_of_zones_is_refused(tmp_path):
    path = write(tmp_path / "f.sf2", [[{r.SAMPLE: 0}] * 200], [{r.INSTRUMENT: 0}] * 200)
    with pytest.raises(ReadError, match="more than 20000 regions"):
        regions(path)
