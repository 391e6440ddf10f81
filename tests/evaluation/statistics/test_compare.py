"""Comparing two sets of music: distances, densities, tests, the document and the table."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import symgen
from symgen.errors import BadOption, DataError, UnknownName
from symgen.evaluation.statistics import distances, twosample
from symgen.evaluation.statistics.compare import compare, measure
from symgen.evaluation.statistics.metrics import THEMES, metrics
from symgen.evaluation.statistics.table import is_significant, rows, text, themes, verdict
from symgen.notes.sequence import CONTROL_CHANGE, table
from tests.evaluation.statistics.music import line, piece


def column(*values):
    return np.array(values, float)[:, None]


def normal(count, mean=0.0, sd=1.0, seed=0, width=1):
    return np.random.default_rng(seed).normal(mean, sd, (count, width))


def test_distances_within_and_between_are_euclidean():
    assert distances.within(column(0, 1, 3)).tolist() == [1, 3, 2]
    assert distances.between(
        np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 0.0]])
    ).tolist() == [[5, 0]]


def test_overlap_and_divergence_are_those_of_kernel_densities():
    stats = pytest.importorskip("scipy.stats", reason="scipy, a second opinion, is not installed")
    one, reference = normal(30, 1.5, 1.5, seed=1), normal(40)
    intra, inter = distances.within(reference), distances.between(reference, one).reshape(-1)
    densities = [stats.gaussian_kde(d) for d in (intra, inter)]
    grid = np.linspace(-3, 12, 4001)
    p, q = (density(grid) for density in densities)
    step = grid[1] - grid[0]
    area, divergence = distances.overlap(one, reference)
    assert area == pytest.approx(np.minimum(p, q).sum() * step, abs=1e-3)
    assert divergence == pytest.approx(
        (p * np.log(np.maximum(p, 1e-300) / np.maximum(q, 1e-300))).sum() * step, rel=1e-2
    )
    assert distances.bandwidth(intra) == pytest.approx(math.sqrt(densities[0].covariance[0, 0]))


def test_a_set_like_its_reference_overlaps_and_one_far_away_does_not():
    reference = normal(300)
    area, divergence = distances.overlap(normal(300, seed=1), reference)
    assert area > 0.95 and divergence < 0.01
    area, divergence = distances.overlap(normal(300, mean=50), reference)
    assert area < 1e-6 and divergence > 5


def test_a_set_of_one_value_is_like_itself_and_no_failure_beside_another():
    assert distances.overlap(column(2, 2, 2), column(2, 2, 2)) == (1, 0)
    area, divergence = distances.overlap(column(3, 3), column(2, 2, 2))
    assert area == pytest.approx(0, abs=1e-6) and divergence > 1


def test_too_few_pieces_have_no_density():
    assert all(map(math.isnan, distances.overlap(column(1, 2, 3), column(1, 2))))


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=12),
    st.lists(st.integers(0, 5), min_size=3, max_size=12),
)
def test_overlap_is_a_share_and_does_not_depend_on_unit_or_origin(one, reference):
    area, divergence = distances.overlap(column(*one), column(*reference))
    assert 0 <= area <= 1 + 1e-12 and divergence >= 0
    assert distances.overlap(column(*one) * 7 + 3, column(*reference) * 7 + 3) == pytest.approx(
        (area, divergence), abs=1e-6
    )


def test_kolmogorov_and_smirnov_take_the_largest_gap():
    assert twosample.kolmogorov_smirnov(np.array([1.0, 2, 3]), np.array([2.5, 4]))[
        0
    ] == pytest.approx(2 / 3)
    assert twosample.kolmogorov_smirnov(np.array([1.0, 1, 2]), np.array([1.0, 2, 2]))[
        0
    ] == pytest.approx(1 / 3)  # not within ties
    assert twosample.kolmogorov_smirnov(np.ones(5), np.ones(7)) == (0, 1)


def test_p_is_that_of_the_exact_test():
    stats = pytest.importorskip("scipy.stats", reason="scipy, a second opinion, is not installed")
    for mean in (0.0, 0.6, 1.2):
        one, other = normal(20, mean, seed=3)[:, 0], normal(25, seed=4)[:, 0]
        exact = stats.ks_2samp(one, other, method="exact")
        found, p = twosample.kolmogorov_smirnov(one, other)
        assert found == pytest.approx(exact.statistic)
        assert p == pytest.approx(
            exact.pvalue,
            abs=4 * math.sqrt(exact.pvalue * (1 - exact.pvalue) / twosample.RELABELLED) + 1e-3,
        )


def test_energy_distance_by_hand_and_its_p():
    found, _ = twosample.energy(column(0, 2), column(1))
    assert found == pytest.approx(2 * 1 - (2 + 2) / 4 - 0)
    one, other = normal(30, seed=2, width=12), normal(30, seed=3, width=12)
    assert twosample.energy(one, other)[1] > 0.05
    assert twosample.energy(one, other + 0.7)[1] == 1 / (twosample.RELABELLED + 1)
    assert twosample.energy(one, other)[0] == pytest.approx(twosample.energy(other, one)[0])


def test_energy_distance_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats", reason="scipy, a second opinion, is not installed")
    for mean in (0.0, 0.7, 3.0):
        one, other = normal(23, mean, seed=5), normal(17, sd=2.0, seed=6)
        found, _ = twosample.energy(one, other)
        assert found == pytest.approx(stats.energy_distance(one[:, 0], other[:, 0]) ** 2)


def test_chance_is_called_a_difference_one_time_in_twenty():
    p = [
        twosample.kolmogorov_smirnov(
            normal(12, seed=2 * i)[:, 0], normal(15, seed=2 * i + 1)[:, 0], seed=i
        )[1]
        for i in range(200)
    ]
    assert 1 <= sum(value <= 0.05 for value in p) <= 20


def test_holm_multiplies_by_what_is_left_and_never_falls():
    assert twosample.holm([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert twosample.holm([]) == [] and twosample.holm([0.6, 0.7]) == [1, 1]


HIGH = [line([72 + (i * k) % 12 for i in range(50)]) for k in range(1, 13)]
LOW = [line([40 + (i * k) % 12 for i in range(30)], velocity=50 + k) for k in range(1, 13)]


@pytest.fixture(scope="module")
def document():
    return compare(HIGH, LOW, titles=("high", "low"))


def test_the_document_is_plain_and_has_every_metric_with_its_version(document):
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert list(document["metrics"]) == list(metrics) and document["version"] == 1
    for name, row in document["metrics"].items():
        metric = metrics.load(name)()
        assert (row["version"], row["unit"], row["kind"]) == (
            metric.version,
            metric.unit,
            metric.kind,
        )
        assert np.shape(row["a"]["mean"]) in (metric.shape, ())
        assert ("bins" in row) != ("median" in row["a"])
    assert document["a"] == {"name": "high", "pieces": 12, "seconds": 25, "notes": 50}


def test_figures_of_a_set_are_over_its_pieces(document):
    row = document["metrics"]["velocity_mean"]
    assert row["b"]["values"] == [50 + k for k in range(1, 13)]
    assert (row["b"]["mean"], row["b"]["median"]) == (56.5, 56.5) and row["b"][
        "sd"
    ] == pytest.approx(math.sqrt(13))
    assert row["test"]["statistic"] == 1 and row["test"]["p"] == 0.0005
    assert row["test"]["p_holm"] >= row["test"]["p"] * 10


def test_an_undefined_metric_is_none_and_not_tested(document):
    row = document["metrics"]["groove_consistency"]
    assert (
        row["a"]["mean"] is row["overlap"] is row["test"] is None
        and row["a"]["values"] == [None] * 12
    )


def test_the_same_music_does_not_differ_and_the_document_is_reproducible():
    one = compare(HIGH, HIGH[1:], ["pitch_class_entropy", "interval_histogram"])
    assert min(row["test"]["p_holm"] for row in one["metrics"].values()) > 0.05
    assert one == compare(
        iter(HIGH),
        measure(HIGH[1:], ["pitch_class_entropy", "interval_histogram"]),
        ["pitch_class_entropy", "interval_histogram"],
    )


def test_a_single_set_has_only_its_own_part():
    made = compare(HIGH, names=["pitch_range"])
    assert "b" not in made and set(made["metrics"]["pitch_range"]) == {
        "version",
        "theme",
        "unit",
        "kind",
        "definition",
        "a",
    }


def test_the_pedal_holds_notes_unless_they_are_taken_as_written():
    down = table(CONTROL_CHANGE, time=[0.0, 3.0], control_number=64, control_value=[127, 0])
    held = line([60, 64, 67]).replace(control_changes=down)
    assert measure([held], ["note_length"]).values["note_length"].tolist() == [(3 + 2.5 + 2) / 3]
    assert measure([held], ["note_length"], sounding=False).values["note_length"].tolist() == [0.5]


def test_encoded_performances_do_not_differ_from_the_recordings(corpora):
    read = [
        symgen.read(path) for path in sorted((corpora / "piano_performances").glob("*/*.mid*"))[::8]
    ]
    encoding = symgen.encoding("performance")
    made = compare((encoding.decode(encoding.encode(one)) for one in read), read)
    assert all(
        row["test"] is None or row["test"]["p_holm"] > 0.5 for row in made["metrics"].values()
    )
    assert (
        min(row["overlap"] for row in made["metrics"].values() if row["overlap"] is not None) > 0.85
    )
    written = compare(
        (encoding.decode(encoding.encode(one)) for one in read),
        read,
        ["note_length", "polyphony"],
        sounding=False,
    )
    assert (
        written["metrics"]["note_length"]["test"]["p"] < 0.05
    )  # for they hold the pedal in their lengths


def test_seconds_count_from_the_first_note():
    late = piece([(60, 64, 5, 6), (62, 64, 6, 8), (64, 64, 7.5, 8)])
    found = measure([late], ["pitch_count", "note_length"], seconds=2)
    assert found.values["pitch_count"].tolist() == [2] and found.values["note_length"].tolist() == [
        1
    ]
    assert found.seconds.tolist() == [2]


def test_few_pieces_and_unequal_lengths_are_warnings():
    message = compare(HIGH[:8], [line([60] * 200)] * 16, ["pitch_count"])["warnings"]
    assert any("8 pieces are few" in line for line in message) and any(
        "--seconds 25" in line for line in message
    )
    assert not any(
        "few" in line for line in compare(HIGH + HIGH, LOW + LOW, ["pitch_count"])["warnings"]
    )


@pytest.mark.parametrize(
    ("a", "b", "titles", "few"),
    [
        (
            HIGH[:4],
            LOW,
            ("samples", "held-out excerpts"),
            "too few to compare: 4 samples; use 16 or more",
        ),
        (
            HIGH,
            LOW[:7],
            ("samples", "held-out excerpts"),
            "too few to compare: 7 held-out excerpts; use 16 or more",
        ),
        (HIGH[:1], LOW, ("mine", "theirs"), "too few to compare: 1 piece of mine; use 16 or more"),
    ],
)
def test_too_few_to_compare_are_called_that(a, b, titles, few):
    made = compare(a, b, ["pitch_count", "velocity_mean"], titles=titles)
    assert few in made["warnings"] and verdict(made)[-1] == few
    assert "differ significantly" not in text(made) and "*" not in text(made)
    assert all(row["test"] is None for row in made["metrics"].values())
    assert (
        "differ significantly"
        in verdict(compare(HIGH[:8], LOW[:8], ["pitch_count"], titles=titles))[-1]
    )


def test_the_table_is_grouped_by_theme_and_begins_with_the_most_different(document):
    groups = themes(document)
    assert {theme for theme, _ in groups} <= set(THEMES)
    overlaps = [[row["overlap"] for _, row in found if is_significant(row)] for _, found in groups]
    assert overlaps == [sorted(some) for some in overlaps]
    assert [some[0] for some in overlaps if some] == sorted(some[0] for some in overlaps if some)
    lines = text(document).splitlines()
    assert max(map(len, lines)) <= 100
    heads = [line for line in lines if line in THEMES]
    assert heads == [theme for theme, _ in groups]


def test_metrics_without_a_difference_to_show_are_named_under_the_table():
    loud = [line([60 + i % k for i in range(40)], velocity=80) for k in range(2, 14)]
    made = compare(loud, loud[::-1], ["velocity_mean", "groove_consistency", "pitch_range"])
    assert [row[0] for row in rows(made)] == ["metric", "pitch_range"]
    assert text(made).splitlines()[-2:] == [
        "equal in all pieces: velocity_mean (80)",
        "undefined: groove_consistency",
    ]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [({"seconds": 0}, BadOption, "above 0"), ({"names": ["nonsense"]}, UnknownName, "nonsense")],
)
def test_options_are_checked(options, error, message):
    with pytest.raises(error, match=message):
        compare(HIGH, LOW, **options)


def test_an_empty_set_is_an_error():
    with pytest.raises(DataError, match="none: no piece"):
        compare(HIGH, [], titles=("some", "none"))


def test_the_table_has_medians_and_marks_differences(document):
    lines = [line.split() for line in text(document).splitlines() if line]
    assert next(cells for cells in lines if cells[0] == "velocity_mean")[1:3] == ["64", "56.5"]
    assert {row[0]: row[-2].endswith("*") for row in rows(document)}["velocity_mean"]
    assert "velocity_mean" in verdict(document)[-1] and "low" in verdict(document)[1]
    assert rows(compare(HIGH, names=["pitch_range"]))[1] == (
        "pitch_range",
        "9.5",
        "8.67",
        "3.14",
        "12",
        "semitones",
    )
