"""MP3 files whose header is missing or wrong, given to libsndfile in a form that it reads whole.

libsndfile 1.2.2 takes the number of frames from the Xing header. Without one it guesses from the
bit rate of the first frame, and reads no further than that: of a file of variable bit rate, less
than half may be left. It also stops where more than 1,024 bytes are damaged. So all frame headers
are read first (about 2 % of the time of decoding), and a file that is not in order is presented as
one that is: a Xing frame with the right count, and then the frames alone.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
from typing import IO

from symgen.audio.reading.joined import Joined, part

WINDOW = 1 << 20
SYNC = re.compile(rb"\xff[\xe2-\xff]")
TRIES = 20_000  # places at which frames are looked for where there are none
TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"\0" * 8)
CONFIRM = 3  # frames in a row by which the first one is known

RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # of versions 2 and 2.5
HIGH = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""kbit/s of layer III by index; 0 stands for a free bit rate."""


@dataclasses.dataclass(frozen=True)
class Stream:
    """What the frames of one stream share, and the length of each by its second and third byte."""

    version: int  # 3, 2 or 0 for MPEG 1, 2 and 2.5
    rate: int  # index
    lengths: dict[int, int]

    @property
    def samples(self) -> int:
        """Frames of sound in a frame of MP3."""
        return 1152 if self.version == 3 else 576


@dataclasses.dataclass
class Scan:
    """The MP3 frames of a file: their number without a Xing frame, and where they are."""

    stream: Stream
    head: bytes  # of the first frame
    claimed: int | None  # frames, by the Xing header
    tagged: bool  # whether the first frame is a Xing, Info or VBRI header, without sound
    frames: int
    ranges: list[tuple[int, int]]
    early: int  # bytes before the first one that are no tag
    lost: int  # bytes between them, and those before

    @property
    def in_order(self) -> bool:
        """Whether libsndfile reads the file whole by itself."""
        counted = self.claimed is not None and self.claimed >= self.frames
        return counted and len(self.ranges) == 1 and not self.early


def scan(file: IO[bytes]) -> Scan | None:
    """Return the frames of an MP3 file; None if it has no whole one of layer III."""
    start = _after_tags(file, 0)
    found = _first(file, start)
    if found is None:
        return None
    at, stream = found
    first = part(file, at, stream.lengths[_key(part(file, at, 4))])
    mark = 4 + _side(first, stream)
    xing = first[mark : mark + 4] in (b"Xing", b"Info")
    counts = xing and len(first) >= mark + 12 and first[mark + 7] & 1
    out = Scan(
        stream,
        first,
        int.from_bytes(first[mark + 8 : mark + 12], "big") if counts else None,
        xing or first[36:40] == b"VBRI",
        0,
        [],
        at - start,
        at - start,
    )
    _walk(file, at, out)
    out.frames -= out.tagged
    return out if out.frames > 0 else None


def _walk(file: IO[bytes], at: int, out: Scan) -> None:
    """Go from frame to frame to the end of the file."""
    lengths, begin, tries = out.stream.lengths, at, TRIES
    size = file.seek(0, io.SEEK_END)
    while at < size:
        window = part(file, at, WINDOW)
        i, last, frames = 0, len(window) - 4, 0
        n: int | None = 0
        while i <= last:
            n = lengths.get(window[i + 1] << 8 | window[i + 2]) if window[i] == 0xFF else None
            if n is None:
                break
            i += n
            frames += 1
        at += i
        out.frames += frames
        if at > size:  # the last one is cut off
            at -= n or 0
            out.frames -= 1
            break
        if n is not None and len(window) == WINDOW:
            continue
        if at > begin:
            out.ranges.append((begin, at))
        begin, tries = _next(file, at, out.stream, tries)
        out.lost += _wasted(file, at, begin if begin >= 0 else size)
        if begin < 0:
            return
        at = begin
    if at > begin:
        out.ranges.append((begin, at))


def _next(file: IO[bytes], at: int, stream: Stream, tries: int) -> tuple[int, int]:
    """Return where frames go on, or -1, and how many tries are left."""
    at = _after_tags(file, at)
    while len(window := part(file, at, WINDOW)) >= 4:
        for match in SYNC.finditer(window):
            here = at + match.start()
            if _follow(file, here, stream, 2):
                return here, tries
            tries -= 1
            if not tries:
                return -1, 1
        at += len(window) - 3
    return -1, tries


def _wasted(file: IO[bytes], begin: int, end: int) -> int:
    """Return the bytes between two frames if they are no tag."""
    tag = part(file, begin, 16).startswith((*TAGS, b"ID3"))
    return 0 if tag or end - begin < 4 else end - begin


def _first(file: IO[bytes], at: int) -> tuple[int, Stream] | None:
    """Return the place of the first frame and its stream."""
    for match in itertools.islice(SYNC.finditer(part(file, at, WINDOW)), TRIES):
        here = at + match.start()
        stream = _stream(part(file, here, 4))
        if stream is not None and _follow(file, here, stream, CONFIRM):
            return here, stream
    return None


def _follow(file: IO[bytes], at: int, stream: Stream, count: int) -> bool:
    """Return whether `count` frames stand here in a row, or fewer up to the end of the file."""
    for i in range(count):
        head = part(file, at, 4)
        if len(head) < 4:
            return i > 0
        length = stream.lengths.get(_key(head)) if head[0] == 0xFF else None
        if length is None:
            return i > 0 and head.startswith(TAGS)
        at += length
    return True


def _stream(head: bytes) -> Stream | None:
    """Return the stream of a frame with this header; None if it is not of layer III."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate = head[1] >> 3 & 3, head[2] >> 2 & 3
    if version == 1 or rate == 3:
        return None
    hertz, slots = RATES[version][rate], 144 if version == 3 else 72
    lengths = dict[int, int]()
    for i, kbits in enumerate(HIGH if version == 3 else LOW):
        for padding, private, unprotected in itertools.product((0, 1), (0, 1), (0, 1)):
            second = 0xE2 | version << 3 | unprotected
            third = i << 4 | rate << 2 | padding << 1 | private
            if kbits:
                lengths[second << 8 | third] = slots * kbits * 1000 // hertz + padding
    return Stream(version, rate, lengths) if _key(head) in lengths else None


def _side(head: bytes, stream: Stream) -> int:
    """Return the bytes of side information in a frame: a Xing header stands behind them."""
    mono = head[3] >> 6 == 3
    if stream.version == 3:
        return 17 if mono else 32
    return 9 if mono else 17


def _key(head: bytes) -> int:
    return head[1] << 8 | head[2]


def _after_tags(file: IO[bytes], at: int) -> int:
    """Return the place behind tags of ID3v2, whose size is in 7 bits a byte."""
    while (head := part(file, at, 10))[:3] == b"ID3" and len(head) == 10:
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if head[5] & 0x10 else 0)
    return at


def mended(file: IO[bytes], found: Scan) -> io.RawIOBase:
    """Return the frames as a file that libsndfile reads whole: one with the right Xing header."""
    mark = 4 + _side(found.head, found.stream)
    ranges = list(found.ranges)
    if found.tagged:
        ranges[0] = (ranges[0][0] + len(found.head), ranges[0][1])
    if found.claimed is not None:
        head = bytearray(found.head)  # it also tells how much silence the encoder added
    else:
        head = bytearray(_empty(found))
        head[mark : mark + 8] = b"Xing\0\0\0\1"
    head[mark + 8 : mark + 12] = found.frames.to_bytes(4, "big")
    if head[mark + 7] & 2:  # it tells the bytes too
        size = len(head) + sum(end - begin for begin, end in ranges)
        head[mark + 12 : mark + 16] = (size & 0xFFFFFFFF).to_bytes(4, "big")
    return Joined(file, bytes(head), ranges)


def _empty(found: Scan) -> bytes:
    """Return a frame without sound that has room for a Xing header."""
    second, third = found.head[1] | 1, found.head[2] & 0x0C  # no checksum, no padding
    lengths = {k: n for k, n in found.stream.lengths.items() if k >> 8 == second}
    key, length = next((k, n) for k, n in sorted(lengths.items()) if n >= 192 and k & 0x0F == third)
    return (bytes([0xFF, second, key & 0xFF, found.head[3]])).ljust(length, b"\0")
