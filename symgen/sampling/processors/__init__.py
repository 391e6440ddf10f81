"""What changes the scores of a model while it is sampled; see `base` for the interface.

`steers` are the processors that meet a target, by the name of their control. `processors` are all
of them. A new one is a class and a line here; its line says when it comes.
"""

from __future__ import annotations

from symgen.registry import Registry

steers = Registry(
    "control",
    {
        "key": "symgen.sampling.processors.key:KeySteer",
        "density": "symgen.sampling.processors.density:DensitySteer",
        "polyphony": "symgen.sampling.processors.polyphony:PolyphonySteer",
        "register": "symgen.sampling.processors.register:RegisterSteer",
    },
)

processors = Registry(
    "processor",
    {  # in the order in which they change the scores; steers come in theirs
        "conditions": "symgen.sampling.engine.conditioning:ConditionsProcessor",
        "together": "symgen.sampling.processors.whole_notes.together:TogetherProcessor",
        "note_times": "symgen.sampling.processors.whole_notes.note_times:NoteTimesProcessor",
        "grammar": "symgen.sampling.processors.grammar:GrammarProcessor",
        "time_limits": "symgen.sampling.processors.time_limits:TimeLimitProcessor",
        "note_length": "symgen.sampling.processors.note_length:NoteLengthProcessor",
        **steers,
        "plan": "symgen.sampling.processors.plan:PlanProcessor",
        "rules": "symgen.sampling.tunes.rules:RulesProcessor",
        "repeats": "symgen.sampling.processors.repeats:RepeatsProcessor",
        "cadence": "symgen.sampling.processors.cadence:CadenceProcessor",
        "training_range": "symgen.sampling.processors.training_range:TrainingRange",
        "ending": "symgen.sampling.processors.ending:EndingProcessor",
        "particles": "symgen.sampling.engine.particles:Particles",
        "truncation": "symgen.sampling.processors.truncation:TruncationProcessor",
    },
)
