"""Musical statistics of note sequences: each metric is one file, with its definition, unit and source in the class's docstring.

Where MusPy defines a metric of the same name, the figure is equal to MusPy's; what differs is said in its definition.
"""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric as Metric
from symgen.evaluation.statistics.metrics.registry import make_metrics as make_metrics
from symgen.evaluation.statistics.metrics.registry import measure_all as measure_all
from symgen.evaluation.statistics.metrics.registry import metrics as metrics
