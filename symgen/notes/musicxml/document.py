"""The file: unpack it, decode it, refuse what is dangerous, and lay out its parts and measures.

No entity is resolved: a document that declares one is refused, and the parser fetches nothing.
A score is refused beyond the limit of bytes unpacked, whatever its archive says of its size, and
beyond the limits of tags and parts.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, XMLParser

from symgen import limits
from symgen.errors import ReadError, shorten

MOST_MEMBERS = 10_000  # of a compressed score, which has about 5
CONTAINER = "META-INF/container.xml"

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)


class Measure(NamedTuple):
    """A measure of one part; `inside` is the element that holds its notes."""

    number: str
    implicit: bool
    inside: Element


class Document(NamedTuple):
    """A parsed score: its root, and the measures of each part by the part's id, in order."""

    root: Element
    parts: dict[str, list[Measure]]
    warnings: list[str]


def parse(data: bytes, name: str) -> Document:
    """Return the score in a file, plain or compressed; ReadError says what is wrong with it."""
    text, warnings = _decoded(_unpacked(data, name), name)
    if "<!ENTITY" in text:
        raise ReadError(name, "it declares entities, which a score has no use for; export it again")
    most = limits.current()
    if (tags := text.count("<")) > most.tags:  # a note has about 25
        raise most.refuse(name, "tags", tags)
    parser = XMLParser()
    try:
        parser.feed(text)
        root = parser.close()
    except ParseError as error:
        if "<score-" not in text:
            raise ReadError(name, "this XML is not a MusicXML score; leave it out") from None
        raise ReadError(
            name, f"damaged XML: {error}; the file may be cut off: export it again"
        ) from None
    return Document(root, _parts(_plain(root), name), warnings)


def _plain(root: Element) -> Element:
    """Drop XML namespaces, which a few programs write."""
    if root.tag.startswith("{"):
        for element in root.iter():
            element.tag = str(element.tag).rpartition("}")[2]
    return root


def _parts(root: Element, name: str) -> dict[str, list[Measure]]:
    if root.tag == "opus":
        raise ReadError(name, "an opus only names other files; read those")
    if root.tag not in ("score-partwise", "score-timewise"):
        raise ReadError(name, "this XML is not a MusicXML score; leave it out")
    parts: dict[str, list[Measure]] = {}
    if root.tag == "score-timewise":
        for measure in root.iterfind("measure"):
            for part in measure.iterfind("part"):
                parts.setdefault(part.get("id", ""), []).append(_measure(measure, part))
    else:
        for part in root.iterfind("part"):
            measures = parts.setdefault(part.get("id", ""), [])
            measures += [_measure(measure, measure) for measure in part.iterfind("measure")]
    if len(parts) > limits.current().tracks:
        raise limits.current().refuse(name, "tracks", len(parts))
    return parts


def _measure(header: Element, inside: Element) -> Measure:
    return Measure(header.get("number", ""), header.get("implicit") == "yes", inside)


def _unpacked(data: bytes, name: str) -> bytes:
    """Return the XML of the score, unpacked if it is compressed."""
    if data[:2] != b"PK":
        if len(data) > limits.current().bytes:
            raise limits.current().refuse(name, "bytes", len(data))
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _member(archive, _rootfile(archive, name), name)
    except _DAMAGED as error:
        raise ReadError(name, f"a damaged archive: {error}; export it again") from None


def _rootfile(archive: zipfile.ZipFile, name: str) -> str:
    """Return the member that holds the score: the first that the container names.

    Without a container, it is the first with the extension of a score.
    """
    members = archive.namelist()
    if len(members) > MOST_MEMBERS:
        raise ReadError(name, f"the archive holds {len(members):,} files; a score has a few")
    if CONTAINER in members:
        text, _ = _decoded(_member(archive, CONTAINER, name), name)
        for element in re.findall(r"<(?:\w+:)?rootfile\b[^>]*>", text):
            path = re.search(r"""\bfull-path\s*=\s*["']([^"']*)["']""", element)
            kind = re.search(r"""\bmedia-type\s*=\s*["']([^"']*)["']""", element)
            if path and (not kind or "musicxml" in kind[1]) and path[1] in members:
                return path[1]
    scores = [m for m in members if m.lower().endswith((".xml", ".musicxml"))]
    scores = [m for m in scores if not m.startswith(("META-INF", "__MACOSX"))]
    if not scores:
        raise ReadError(name, "the archive holds no score; leave it out")
    return scores[0]


def _member(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    most = limits.current()
    with archive.open(member) as file:
        data = file.read(most.bytes + 1)
    if len(data) > most.bytes:
        raise most.refuse(name, "bytes")
    return data


def _decoded(data: bytes, name: str) -> tuple[str, list[str]]:
    """Return the text and what is wrong with its encoding."""
    encoding = _encoding(data, name)
    try:
        return data.decode(encoding), []
    except UnicodeError:
        if encoding.startswith("utf-16"):
            raise ReadError(name, "damaged UTF-16 text; save it as UTF-8") from None
        said = f"the text is not {shorten(encoding, 20)} as it says; read as Latin-1"
        return data.decode("latin-1"), [said]


def _encoding(data: bytes, name: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if data[:3] == b"\xef\xbb\xbf":
        return "utf-8-sig"
    if data[:4] in (b"<\x00?\x00", b"<\x00s\x00"):
        return "utf-16-le"
    if data[:4] in (b"\x00<\x00?", b"\x00<\x00s"):
        return "utf-16-be"
    declared = _DECLARED.match(data)
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    try:
        b"<".decode(encoding, "ignore")  # fails too for what is no encoding of text
    except (LookupError, UnicodeError):
        raise ReadError(
            name, f"text in an unknown encoding, {encoding}; save it as UTF-8"
        ) from None
    return encoding if not encoding.startswith("utf-16") else "utf-8"
