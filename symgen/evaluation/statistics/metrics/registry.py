"""The metrics by name. A new metric is one class and one line here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symgen.evaluation.statistics.metrics.base import Floats, Metric
from symgen.evaluation.statistics.metrics.view import View
from symgen.notes.sequence import NoteSequence
from symgen.registry import Registry

ROOM = "symgen.evaluation.statistics.metrics"

metrics = Registry(
    "metric",
    {
        "pitch_count": f"{ROOM}.pitch:PitchCount",
        "pitch_class_count": f"{ROOM}.pitch:PitchClassCount",
        "pitch_range": f"{ROOM}.pitch:PitchRange",
        "pitch_entropy": f"{ROOM}.pitch:PitchEntropy",
        "pitch_class_entropy": f"{ROOM}.pitch:PitchClassEntropy",
        "scale_consistency": f"{ROOM}.harmony:ScaleConsistency",
        "polyphony": f"{ROOM}.texture:Polyphony",
        "polyphony_rate": f"{ROOM}.texture:PolyphonyRate",
        "dissonance": f"{ROOM}.harmony:Dissonance",
        "voice_leading": f"{ROOM}.intervals:VoiceLeading",
        "empty_beat_rate": f"{ROOM}.rhythm:EmptyBeatRate",
        "groove_consistency": f"{ROOM}.rhythm:GrooveConsistency",
        "note_density": f"{ROOM}.rhythm:NoteDensity",
        "note_density_variation": f"{ROOM}.rhythm:NoteDensityVariation",
        "note_length": f"{ROOM}.rhythm:NoteLength",
        "inter_onset_interval": f"{ROOM}.rhythm:InterOnsetInterval",
        "pedal_overlap": f"{ROOM}.texture:PedalOverlap",
        "velocity_mean": f"{ROOM}.velocity:VelocityMean",
        "velocity_deviation": f"{ROOM}.velocity:VelocityDeviation",
        "velocity_entropy": f"{ROOM}.velocity:VelocityEntropy",
        "pitch_class_histogram": f"{ROOM}.pitch:PitchClassHistogram",
        "pitch_class_transitions": f"{ROOM}.pitch:PitchClassTransitions",
        "interval_histogram": f"{ROOM}.intervals:IntervalHistogram",
        "interval_transitions": f"{ROOM}.intervals:IntervalTransitions",
        "note_length_histogram": f"{ROOM}.rhythm:NoteLengthHistogram",
        "inter_onset_histogram": f"{ROOM}.rhythm:InterOnsetHistogram",
        "velocity_histogram": f"{ROOM}.velocity:VelocityHistogram",
        "self_similarity": f"{ROOM}.structure:SelfSimilarity",
    },
)


def make_metrics(names: Iterable[str] | None = None) -> dict[str, Metric]:
    """Return the metrics with these names, or all, in the given order; UnknownName otherwise."""
    return {name: metrics.load(name)() for name in (metrics if names is None else names)}


def measure_all(
    sequence: NoteSequence, names: Iterable[str] | Mapping[str, Metric] | None = None
) -> dict[str, float | Floats]:
    """Return the value of each metric in `names` (default: all), NaN where it is undefined."""
    chosen = names if isinstance(names, Mapping) else make_metrics(names)
    view = View(sequence)
    return {name: metric.of(view) for name, metric in chosen.items()}
