"""MusicXML and records of NoteSequences: nesting, repeats, entities, numbers that are none."""

import io
import struct
import zipfile

from symgen.tfrecord.framing import frame
from tests.hostile.cases import EITHER, READ, REFUSED, file, hostile

NOTE = "<note><pitch><step>C</step><octave>4</octave></pitch><duration>1</duration></note>"
BEGIN = "<attributes><divisions>1</divisions></attributes>"
FORWARD = "<barline><repeat direction='forward'/></barline>"
BACK = "<barline><repeat direction='backward' times='{}'/></barline>"


def score(*measures, before="", parts=1):
    """A score whose parts have these measures."""
    listed = "".join(
        f"<score-part id='P{i}'><part-name>x</part-name></score-part>" for i in range(parts)
    )
    body = "".join(f"<measure>{measure}</measure>" for measure in measures)
    each = "".join(f"<part id='P{i}'>{body}</part>" for i in range(parts))
    return f"{before}<score-partwise><part-list>{listed}</part-list>{each}</score-partwise>"


def compressed(text, name="x.xml", rootfile="x.xml"):
    out = io.BytesIO()
    container = f"<container><rootfiles><rootfile full-path='{rootfile}'/></rootfiles></container>"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr(name, text)
    return out.getvalue()


@hostile("musicxml", EITHER)
def a_repeat_played_a_thousand_million_times(folder):
    return file(folder, "x.musicxml", score(BEGIN + FORWARD + NOTE, NOTE + BACK.format(10**9)))


@hostile("musicxml", EITHER)
def a_hundred_repeats_inside_one_another(folder):
    first = [BEGIN + FORWARD + NOTE] * 100
    return file(folder, "x.musicxml", score(*first, *[NOTE + BACK.format(100)] * 100))


@hostile("musicxml", EITHER)
def two_hundred_thousand_measures(folder):
    return file(folder, "x.musicxml", score(BEGIN + NOTE, *[""] * 200_000))


@hostile("musicxml", REFUSED, "tracks, over the limit")
def five_thousand_parts(folder):
    return file(folder, "x.musicxml", score(BEGIN + NOTE, parts=5_000))


@hostile("musicxml", EITHER)
def thirty_thousand_notes_of_tags_and_ties(folder):
    tied = NOTE.replace("</note>", "<tie type='stop'/><tie type='start'/></note>")
    return file(folder, "x.musicxml", score(BEGIN + tied * 30_000))


@hostile("musicxml", EITHER)
def a_hundred_thousand_tags_inside_one_another(folder):
    deep = "<a>" * 100_000 + "</a>" * 100_000
    return file(folder, "x.musicxml", score(BEGIN + NOTE + deep))


@hostile("musicxml", REFUSED)
def entities_of_entities(folder):
    rows = [f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12)]
    kind = f"<!DOCTYPE x [<!ENTITY a0 'lol'>{''.join(rows)}]>"
    return file(folder, "x.musicxml", score(BEGIN + NOTE + "<words>&a11;</words>", before=kind))


@hostile("musicxml", EITHER)
def an_entity_of_a_file_outside(folder):
    kind = f"<!DOCTYPE x [<!ENTITY a SYSTEM 'file://{folder.parent}/outside/secret.txt'>]>"
    return file(folder, "x.musicxml", score(BEGIN + NOTE, before=kind).replace(">x<", ">&a;<"))


@hostile("musicxml", EITHER)
def a_tempo_of_zero_and_divisions_of_zero(folder):
    odd = (
        "<direction><sound tempo='0'/></direction><attributes><divisions>0</divisions></attributes>"
    )
    return file(folder, "x.musicxml", score(odd + NOTE))


@hostile("musicxml", EITHER)
def numbers_that_are_none(folder):
    odd = "".join(f"<direction><sound tempo='{t}'/></direction>" for t in ("nan", "inf", "1e308"))
    notes = "".join(NOTE.replace(">1<", f">{d}<") for d in ("nan", "-inf", "1e308", "9" * 5000))
    return file(folder, "x.musicxml", score(BEGIN + odd + notes + NOTE))


@hostile("musicxml", REFUSED, "limit")
def a_compressed_score_that_unpacks_to_much(folder):
    return file(folder, "x.mxl", compressed(score(BEGIN + NOTE + " " * (65 << 20))))


@hostile("musicxml", EITHER)
def a_compressed_score_of_half_a_million_notes(folder):
    return file(folder, "x.mxl", compressed(score(BEGIN + NOTE * 500_001)))


@hostile("musicxml", REFUSED)
def a_compressed_score_whose_bytes_are_damaged(folder):
    data = bytearray(compressed(score(BEGIN + NOTE * 50)))
    at = data.find(b"x.xml", 200) + 10
    data[at : at + 40] = bytes(40)
    return file(folder, "x.mxl", bytes(data))


@hostile("musicxml", EITHER)
def a_compressed_score_that_is_outside(folder):
    return file(folder, "x.mxl", compressed(score(BEGIN + NOTE), rootfile="../outside/secret.txt"))


def proto(*notes, time=0.0):
    """The bytes of a NoteSequence: (pitch, start, end) as its fields 1, 3 and 4 of note (8)."""
    out = b""
    for pitch, start, end in notes:
        note = b"\x08" + bytes([pitch]) + b"\x10\x50"
        note += b"\x19" + struct.pack("<d", start) + b"\x21" + struct.pack("<d", end)
        out += b"\x42" + bytes([len(note)]) + note
    return out + (b"\x49" + struct.pack("<d", time) if time else b"")


@hostile("tfrecord", REFUSED)
def a_record_of_exabytes_by_its_length(folder):
    from symgen.tfrecord.framing import TAIL, _masked

    length = struct.pack("<Q", 1 << 62)
    return file(folder, "x.tfrecord", length + TAIL.pack(_masked(length)) + bytes(100))


@hostile("tfrecord", REFUSED)
def a_note_that_ends_before_it_begins(folder):
    return file(folder, "x.tfrecord", frame(proto((60, 5.0, 1.0), (62, 1e300, 0.0))))


@hostile("tfrecord", REFUSED)
def times_that_are_no_numbers(folder):
    data = frame(proto((60, float("nan"), 1.0), (61, 0.0, float("inf")), time=float("inf")))
    return ["corpus", "check", file(folder, "x.tfrecord", data), "--json"]


@hostile("tfrecord", REFUSED, "pieces")
def records_by_the_hundred_thousand(folder):
    return file(folder, "x.tfrecord", frame(proto((60, 0.0, 1.0))) * 200_000)


@hostile("tfrecord", REFUSED)
def a_record_whose_checksum_is_wrong(folder):
    return file(folder, "x.tfrecord", frame(proto((60, 0.0, 1.0)))[:-1] + b"x")


@hostile("tfrecord", READ)
def a_note_of_thirty_years(folder):
    return file(folder, "x.tfrecord", frame(proto((60, 0.0, 1e9 - 1))))
