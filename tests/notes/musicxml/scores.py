"""Small scores for the tests, spelled out: a quarter note is 4 divisions and lasts 0.5 s."""

from symgen.notes import read_bytes

QUARTERS = "<attributes><divisions>4</divisions></attributes>"
COMMON = (
    "<attributes><divisions>4</divisions><key><fifths>0</fifths></key>"
    "<time><beats>4</beats><beat-type>4</beat-type></time></attributes>"
)


def note(name, duration=4, inside="", before="", voice=1, attributes=""):
    """Return a <note>: name is a step, signs and an octave, such as C5, Bb4, F#3; R is a rest."""
    what = "<rest/>"
    if name != "R":
        alter = name.count("#") - name.count("b")
        what = (
            f"<pitch><step>{name[0]}</step><alter>{alter}</alter>"
            f"<octave>{name[-1]}</octave></pitch>"
        )
    return (
        f"<note{attributes}>{before}{what}<duration>{duration}</duration>{inside}"
        f"<voice>{voice}</voice></note>"
    )


def tied(name, duration, *types, voice=1, before=""):
    """Return a note with ties: start, stop."""
    return note(name, duration, "".join(f'<tie type="{t}"/>' for t in types), before, voice)


def notes_of_names(*names, duration=4):
    return "".join(note(name, duration) for name in names)


def backup(duration):
    return f"<backup><duration>{duration}</duration></backup>"


def forward(duration):
    return f"<forward><duration>{duration}</duration></forward>"


def words(text):
    return f"<direction><direction-type><words>{text}</words></direction-type></direction>"


def direction(inside, sound="", offset=""):
    return f"<direction><direction-type>{inside}</direction-type>{offset}{sound}</direction>"


def barline(inside, location="right"):
    return f'<barline location="{location}">{inside}</barline>'


BACK = barline('<repeat direction="backward"/>')
FORTH = barline('<repeat direction="forward"/>', "left")


def part(*measures):
    """Return the measures of a part, numbered; a measure may be (attributes, contents)."""
    out = ""
    for number, one in enumerate(measures, 1):
        attributes, contents = one if isinstance(one, tuple) else (f'number="{number}"', one)
        out += f"<measure {attributes}>{contents}</measure>"
    return out


def score(*parts, headers=(), before=""):
    """Return a file of parts; `headers` are the contents of <score-part> after the name."""
    listed = "".join(
        f'<score-part id="P{i}"><part-name>Part {i}</part-name>'
        f"{headers[i - 1] if i <= len(headers) else ''}</score-part>"
        for i in range(1, len(parts) + 1)
    )
    music = "".join(f'<part id="P{i}">{inside}</part>' for i, inside in enumerate(parts, 1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><score-partwise version="4.0">'
        f"{before}<part-list>{listed}</part-list>{music}</score-partwise>"
    ).encode()


def read(data, name="x.musicxml"):
    ((suffix, sequence),) = read_bytes(data, name)
    assert suffix == ""
    return sequence


def played(*measures, **options):
    """Return the piece of one part with these measures."""
    return read(score(part(*measures), **options))


def rows(sequence):
    """Return [(begin, pitch, end), ...] in quarters of a piece at 120 qpm."""
    return [
        (round(2 * float(n["start_time"]), 6), int(n["pitch"]), round(2 * float(n["end_time"]), 6))
        for n in sequence.notes
    ]


def pitches(sequence):
    return sequence.notes["pitch"].tolist()
