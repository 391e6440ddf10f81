"""The metrics by name. A metric is one file and one line here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symgen.evaluation.statistics.metrics.base import Floats, Metric
from symgen.evaluation.statistics.metrics.view import View
from symgen.notes.sequence import NoteSequence
from symgen.registry import Registry

metrics = Registry(
    "metric",
    {
        "pitch_count": "symgen.evaluation.statistics.metrics.pitch_count:PitchCount",
        "pitch_class_count": "symgen.evaluation.statistics.metrics.pitch_class_count:PitchClassCount",
        "pitch_range": "symgen.evaluation.statistics.metrics.pitch_range:PitchRange",
        "pitch_entropy": "symgen.evaluation.statistics.metrics.pitch_entropy:PitchEntropy",
        "pitch_class_entropy": "symgen.evaluation.statistics.metrics.pitch_class_entropy:PitchClassEntropy",
        "scale_consistency": "symgen.evaluation.statistics.metrics.scale_consistency:ScaleConsistency",
        "polyphony": "symgen.evaluation.statistics.metrics.polyphony:Polyphony",
        "polyphony_rate": "symgen.evaluation.statistics.metrics.polyphony_rate:PolyphonyRate",
        "dissonance": "symgen.evaluation.statistics.metrics.dissonance:Dissonance",
        "voice_leading": "symgen.evaluation.statistics.metrics.voice_leading:VoiceLeading",
        "empty_beat_rate": "symgen.evaluation.statistics.metrics.empty_beat_rate:EmptyBeatRate",
        "groove_consistency": "symgen.evaluation.statistics.metrics.groove_consistency:GrooveConsistency",
        "note_density": "symgen.evaluation.statistics.metrics.note_density:NoteDensity",
        "note_density_variation": "symgen.evaluation.statistics.metrics.note_density_variation:NoteDensityVariation",
        "note_length": "symgen.evaluation.statistics.metrics.note_length:NoteLength",
        "inter_onset_interval": "symgen.evaluation.statistics.metrics.inter_onset_interval:InterOnsetInterval",
        "pedal_overlap": "symgen.evaluation.statistics.metrics.pedal_overlap:PedalOverlap",
        "velocity_mean": "symgen.evaluation.statistics.metrics.velocity_mean:VelocityMean",
        "velocity_deviation": "symgen.evaluation.statistics.metrics.velocity_deviation:VelocityDeviation",
        "velocity_entropy": "symgen.evaluation.statistics.metrics.velocity_entropy:VelocityEntropy",
        "pitch_class_histogram": "symgen.evaluation.statistics.metrics.pitch_class_histogram:PitchClassHistogram",
        "pitch_class_transitions": "symgen.evaluation.statistics.metrics.pitch_class_transitions:PitchClassTransitions",
        "interval_histogram": "symgen.evaluation.statistics.metrics.interval_histogram:IntervalHistogram",
        "interval_transitions": "symgen.evaluation.statistics.metrics.interval_transitions:IntervalTransitions",
        "note_length_histogram": "symgen.evaluation.statistics.metrics.note_length_histogram:NoteLengthHistogram",
        "inter_onset_histogram": "symgen.evaluation.statistics.metrics.inter_onset_histogram:InterOnsetHistogram",
        "velocity_histogram": "symgen.evaluation.statistics.metrics.velocity_histogram:VelocityHistogram",
        "self_similarity": "symgen.evaluation.statistics.metrics.self_similarity:SelfSimilarity",
    },
)


def make_metrics(names: Iterable[str] | None = None) -> dict[str, Metric]:
    """Return the metrics of these names, or all, in the order given; UnknownName where there is no such one."""
    return {name: metrics.load(name)() for name in (metrics if names is None else names)}


def measure_all(
    sequence: NoteSequence, names: Iterable[str] | Mapping[str, Metric] | None = None
) -> dict[str, float | Floats]:
    """Return what each metric of `names` (or each there is) tells of a piece, NaN where the piece does not define it."""
    chosen = names if isinstance(names, Mapping) else make_metrics(names)
    view = View(sequence)
    return {name: metric.of(view) for name, metric in chosen.items()}
