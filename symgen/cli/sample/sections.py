"""The options of `symgen sample`, in the sections of its help."""

from __future__ import annotations

from symgen.cli.arguments import FILE, MODEL, SYNTH, Choice, Duration, Number, Text, Whole
from symgen.cli.command import option, overwrite, section
from symgen.cli.options.shared import (
    accidentals_option,
    data_option,
    output_option,
    seconds_option,
    whole_option,
)
from symgen.cli.sample.options import targets

SAMPLES = "samples"
METHODS = ("condition", "steer", "both")
EVAL_SECONDS = 10.0
"""Length of a primer from a held-out piece, in seconds."""


RENAMED = {"--way": "--method", "--attempts": "--best-of"}
"""The old names of options, which are still accepted."""

PRIMER = Text(lambda: ("eval",), "file")

model_options = section(
    "Model",
    option(
        "--model",
        metavar="PATH|NAME",
        type=MODEL,
        show_default="the newest run under runs/, else piano, or folk for tunes",
        help="A bundle, the folder of a run, or a model that ships with symgen: piano, folk.",
    ),
    option(
        "--precision",
        type=Choice(("float32", "int8")),
        show_default="int8 if the bundle has it and its cost is small",
        help="Arithmetic of the network; int8 is several times as fast.",
    ),
)

length_options = section(
    "Length",
    whole_option("-n", "--num", default=1, help="Number of samples."),
    seconds_option(
        show_default="30; for tunes, 32 bars",
        help="Length of each sample, including the primer: 90, 3:00 or 90s.",
    ),
)

form_options = section(
    "Form (models of tunes only)",
    whole_option(
        "--bars",
        show_default="32; with --form, 8 per letter; with --chords, as many as those",
        help="Length in bars.",
    ),
    option("--meter", metavar="N/M", show_default="4/4", help="Meter, such as 3/4 or 6/8."),
    option(
        "--tempo",
        metavar="BPM",
        show_default="120",
        help="Beats per minute (dotted quarters in 6/8), or a note value: 3/8=110.",
    ),
    option(
        "--form",
        metavar="LETTERS",
        help="Form, such as AABB. Parts with the same letter are the same, and become repeats in "
        "ABC.",
    ),
    option(
        "--melody",
        metavar="FILE",
        type=FILE,
        help="Add chords to this tune; its notes, and of ABC its text, stay as they are. Of a "
        "book: book.abc#3.",
    ),
    option(
        "--chords",
        metavar="SYMBOLS|FILE",
        type=FILE,
        help="Write a melody over these chords: 'G C D7 G' (one per bar), 'G | C D7', or those "
        "of a file.",
    ),
    option(
        "--chords-on",
        type=Choice(("beat", "any")),
        show_default="beat",
        help="Where chords may change.",
    ),
    option(
        "--cadence/--no-cadence",
        default=None,
        show_default="on, unless there is a primer",
        help="End with a cadence on the tonic in the last bar.",
    ),
)

primer_options = section(
    "Continuation",
    option(
        "--primer",
        metavar="FILE|eval",
        type=PRIMER,
        help="Music to continue (of a book: book.abc#3; a recording is transcribed), or eval for a "
        "held-out piece.",
    ),
    option(
        "--primer-seconds",
        type=Duration("seconds"),
        metavar="TIME",
        show_default=f"all; with eval, {EVAL_SECONDS:g}",
        help="Use only the beginning of the primer: 10, 0:10 or 10s.",
    ),
    option(
        "--follow/--no-follow",
        default=True,
        show_default="on",
        help="Take density, polyphony, register and key from the primer, unless they are set.",
    ),
)

reading_options = section("Reading", accidentals_option())

target_options = section(
    "Targets",
    targets,
    option(
        "--method",
        type=Choice(METHODS, renamed={"told": "condition", "steered": "steer"}),
        default="both",
        show_default=True,
        help="Condition the model, steer its logits, or both where possible.",
    ),
    option(
        "--guidance",
        type=Number(),
        metavar="G",
        default=1.0,
        show_default="1",
        help="Classifier-free guidance scale. Values above 1 strengthen conditioning and double "
        "the compute.",
    ),
    whole_option(
        "--best-of",
        default=1,
        help="Draw N candidates for each sample, and keep the one closest to the targets.",
    ),
    option(
        "--ending/--no-ending",
        default=None,
        show_default="on, unless there is a primer",
        help="End on a held tonic chord (models of music in seconds only).",
    ),
    option(
        "--free",
        is_flag=True,
        help="Lift the limits taken from the training music: pitches, notes at once, note "
        "lengths and rests.",
    ),
)

randomness_options = section(
    "Randomness",
    option(
        "--temperature",
        type=Number(),
        metavar="T",
        show_default="1, or the choice of `symgen bundle tune`; with --melody, 0.7",
        help="Below 1 is safer, above 1 bolder; 0 always takes the most likely event.",
    ),
    option(
        "--top-k",
        type=Whole(),
        metavar="K",
        default=0,
        show_default=True,
        help="Sample only from the K most likely events; 0 for all.",
    ),
    option(
        "--top-p",
        type=Number(),
        metavar="P",
        show_default="1, or the choice of `symgen bundle tune`",
        help="Sample only from the most likely events whose probabilities sum to P.",
    ),
    whole_option(
        "--seed",
        show_default="a random one, which is printed",
        help="The same seed gives the same bytes.",
    ),
)

originality_options = section(
    "Originality",
    whole_option(
        "--max-copy",
        help="Resample a piece that repeats more than N consecutive notes of a training piece, in "
        "any key and at any speed. 16 is usual.",
    ),
    option(
        "--never-repeat",
        is_flag=True,
        help="Also resample what repeats 16 notes (or --max-copy) of an earlier sample that was "
        "made with this option. The samples are remembered beside the bundle; for a model that "
        "ships, in your data folder.",
    ),
    data_option(
        show_default="where it was during training",
        help="Dataset that the model was trained on, for --max-copy and --primer eval.",
    ),
)

recipe_options = section(
    "Repetition",
    option(
        "--recipe",
        metavar="FILE",
        type=FILE,
        help="Make a sample again: a MIDI file of `symgen sample`, or the .json beside it. The "
        "other options come from there. --model, --data, --primer, --melody and --chords say where "
        "a file is now.",
    ),
)

output_options = section(
    "Output",
    output_option(
        "PATH",
        show_default=f"{SAMPLES}/MODEL-NUMBER.mid; for tunes, also .abc",
        help="A file (several samples are numbered) or a folder. Of a sound, such as song.mp3, the "
        "MIDI is beside it.",
    ),
    option(
        "--render/--no-render",
        default=None,
        show_default="off",
        help="Also write each sample as sound (WAV).",
    ),
    option(
        "--soundfont",
        metavar="FILE.sf2",
        type=FILE,
        help="SoundFont 2 file to render with; implies --render.",
    ),
    option(
        "--synth",
        metavar="NAME",
        type=SYNTH,
        help="Synthesiser to render with; implies --render.",
    ),
    overwrite(),
)
