"""Musical statistics of note sequences, one module per theme.

The docstring of a metric's class is its definition, with its unit and its source. A metric that
MusPy defines under the same name gives the same value as MusPy; the definition states any
difference. It also states how a metric differs from the control that measures the same thing:
controls measure the notes between two times, metrics a whole piece without drums.
"""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import THEMES as THEMES
from symgen.evaluation.statistics.metrics.base import Metric as Metric
from symgen.evaluation.statistics.metrics.registry import make_metrics as make_metrics
from symgen.evaluation.statistics.metrics.registry import measure_all as measure_all
from symgen.evaluation.statistics.metrics.registry import metrics as metrics
