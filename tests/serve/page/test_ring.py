"""The ring buffer of the audio thread, by itself."""

from itertools import pairwise

import pytest

RUN = """async ([lead, steps]) => {
    const { Ring } = await import("/static/audio/ring.js");
    const ring = new Ring(4096, lead);
    const out = [];
    for (const [what, ...values] of steps) {
        if (what === "put") {
            const [first, count, level] = values;
            out.push(ring.put(first, new Int16Array(2 * count).fill(level * 32768)));
        } else if (what === "take") {
            const [count, step = 1] = values;
            const left = new Float32Array(count);
            const missing = ring.take(left, new Float32Array(count), step, true);
            out.push([missing, [...left]]);
        } else out.push(ring[what](...values) ?? null);
    }
    return [out, ring.read, ring.write];
}"""


@pytest.fixture(scope="module")
def ring(chromium, server):
    page = chromium.new_page()
    page.goto(server)
    yield lambda *steps, lead=0: page.evaluate(RUN, [lead, list(steps)])
    page.close()


def test_what_is_put_comes_out(ring):
    out, read, write = ring(["put", 0, 1000, 0.5], ["take", 600])
    missing, left = out[1]
    assert (missing, read, write) == (0, 600, 1000)
    assert left[200:] == [0.5] * 400
    assert left[:128] == sorted(left[:128])  # it fades in


def test_where_nothing_is_known_the_clock_stands_and_the_sound_fades(ring):
    out, read, _ = ring(["put", 0, 500, 0.5], ["take", 1000])
    missing, left = out[1]
    assert missing == 1000 - read
    assert 498 <= read <= 500
    assert left[-1] == 0
    assert max(abs(a - b) for a, b in pairwise(left)) < 0.01


def test_a_cut_fades_into_what_comes_instead(ring):
    out, _, write = ring(
        ["put", 0, 2000, 0.5], ["take", 200], ["cut", 800], ["put", 800, 1200, -0.5], ["take", 1400]
    )
    _, left = out[4]
    assert left[:599] == [0.5] * 599
    assert left[600 + 441 :] == [-0.5] * (1400 - 600 - 441)
    fade = left[600 : 600 + 441]
    assert fade == sorted(fade, reverse=True)
    assert write == 2000


def test_until_the_new_sound_comes_the_old_one_goes_on(ring):
    out, read, _ = ring(
        ["put", 0, 2000, 0.5],
        ["take", 500],
        ["cut", 600],
        ["take", 300],
        ["put", 600, 1500, -0.5],  # late: 800 are played
        ["take", 1200],
    )
    assert out[3] == [0, [0.5] * 300]
    missing, left = out[5]
    assert (missing, read) == (0, 2000)
    assert left[0] == 0.5
    assert left[1 : 1 + 441] == sorted(left[1 : 1 + 441], reverse=True)
    assert left[442:] == [-0.5] * (1200 - 442)


def test_a_block_that_has_passed_ends_no_old_sound(ring):
    out, *_ = ring(
        ["put", 0, 2000, 0.5], ["take", 900], ["cut", 500], ["put", 500, 300, -0.5], ["take", 500]
    )
    assert out[4] == [0, [0.5] * 500]


def test_the_new_sound_is_heard_when_there_is_enough_of_it(ring):
    steps = (
        ["put", 0, 2000, 0.5],
        ["take", 500],
        ["cut", 600],
        ["put", 600, 400, -0.5],  # too little: 500 frames ahead
        ["take", 300],
        ["put", 1000, 500, -0.5],  # 700 frames ahead
        ["take", 600],
    )
    out, *_ = ring(*steps, lead=700)
    assert out[4] == [0, [0.5] * 300]
    assert out[6][0] == 0
    assert out[6][1][442:] == [-0.5] * (600 - 442)


def test_little_new_sound_is_better_than_none(ring):
    out, *_ = ring(
        ["put", 0, 1000, 0.5],
        ["take", 500],
        ["cut", 600],
        ["put", 600, 1000, -0.5],
        ["take", 100],
        ["take", 200],
        ["take", 200],
        ["take", 200],
        lead=4000,
    )
    assert [missing for missing, _ in out[4:]] == [0, 0, 0, 0]
    assert out[7][1][-1] == -0.5


def test_frames_that_are_known_are_left_out_and_holes_are_silent(ring):
    out, _, write = ring(
        ["put", 0, 600, 0.5], ["put", 0, 700, -0.5], ["put", 900, 300, 0.25], ["take", 1000]
    )
    _, left = out[3]
    assert left[200:600] == [0.5] * 400
    assert left[600:700] == [-0.5] * 100
    assert left[700:900] == [0] * 200
    assert left[900:] == [0.25] * 100
    assert write == 1200


def test_more_than_fits_is_refused_and_nothing_unheard_is_lost(ring):
    out, _, write = ring(["put", 0, 5000, 0.5])
    assert (out[0], write) == (5000 - 4095, 4095)


def test_another_rate_of_the_sound_card_is_met_between_samples(ring):
    out, read, _ = ring(["put", 0, 1000, 0.5], ["take", 300, 0.5], ["take", 300, 0.91875])
    assert read == pytest.approx(150 + 300 * 0.91875)
    assert out[1][1][200:] == [0.5] * 100
    assert out[2][1] == [0.5] * 300
