"""Every metric of the registry: it is documented, and no music makes it fail."""

import re

import numpy as np
import pytest

from symgen.errors import UnknownName
from symgen.evaluation.statistics.metrics import (
    THEMES,
    Metric,
    make_metrics,
    measure_all,
    metrics,
)
from tests.evaluation.statistics.music import drums, line, piece

EVERY = pytest.mark.parametrize("name", list(metrics))
UNDEFINED = {"empty": piece([]), "drums alone": drums([(38, 90, 0, 1), (42, 90, 1, 2)])}
ODD = {
    "one note": piece([(60, 64, 1, 2)]),
    "no length": piece([(60, 64, 0, 0), (62, 64, 0, 0)]),
    "an end before its beginning": piece([(60, 64, 2, 1), (64, 64, 2, 3)]),
    "outermost values": piece([(0, 1, 0, 1), (127, 127, 0, 1), (64, 0, 0, 1)]),
    "very long": piece([(60, 64, 0, 1), (64, 64, 1e7, 1e7 + 1)], meter=[(0, 4, 4)]),
}


@EVERY
def test_the_docstring_is_the_definition_with_a_unit_and_a_source(name):
    metric = metrics.load(name)()
    assert isinstance(metric, Metric) and metric.name == name
    assert f"Unit: {metric.unit}. Source: " in metric.definition
    assert len(re.split(r"Unit:|Source:", metric.definition)) == 3
    assert metric.definition.endswith((".", ")."))


@EVERY
def test_a_metric_has_a_version_a_theme_and_a_shape(name):
    metric = metrics.load(name)()
    assert metric.theme in THEMES
    assert isinstance(metric.version, int) and metric.version >= 1
    assert (metric.kind == "scalar") == (metric.bins == ()) == (metric.shape == ())
    assert len(set(metric.bins)) == len(metric.bins)


@EVERY
@pytest.mark.parametrize("music", UNDEFINED.values(), ids=UNDEFINED)
def test_music_without_a_pitched_note_is_undefined_and_no_error(name, music):
    metric = metrics.load(name)()
    value = metric.measure(music)
    assert np.shape(value) == metric.shape and np.isnan(value).all()


@EVERY
@pytest.mark.parametrize("music", ODD.values(), ids=ODD)
def test_odd_music_gives_a_number_or_nan_in_the_right_shape(name, music):
    metric = metrics.load(name)()
    value = metric.measure(music)
    assert np.shape(value) == metric.shape and not np.isinf(value).any()
    assert isinstance(value, float if metric.kind == "scalar" else np.ndarray)
    assert np.isnan(value).all() or not np.isnan(value).any()


@EVERY
def test_a_metric_has_the_same_value_alone_and_among_all(name):
    music = line([60, 64, 67, 72] * 20)
    assert np.array_equal(
        metrics.load(name)().measure(music), measure_all(music)[name], equal_nan=True
    )
    assert list(measure_all(music, [name])) == [name]


def test_an_unknown_metric_is_named_with_the_nearest():
    with pytest.raises(UnknownName, match="polyphony"):
        make_metrics(["polyfony"])
