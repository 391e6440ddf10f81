"""MIDI files small enough to be written by hand, and a server of archives of them."""

import http.server
import io
import struct
import zipfile


def midi(*velocities, pedal=False):
    """Return a MIDI file of type 0 at 120 BPM: one quarter note for each velocity."""
    events = b"\x00\xb0\x40\x7f" if pedal else b""
    for i, velocity in enumerate(velocities):
        events += bytes([0x00, 0x90, 60 + i % 12, velocity]) + bytes([0x60, 0x80, 60 + i % 12, 0])
    events += (b"\x00\xb0\x40\x00" if pedal else b"") + b"\x00\xff\x2f\x00"
    return (
        b"MThd"
        + struct.pack(">IHHH", 6, 0, 1, 96)
        + b"MTrk"
        + struct.pack(">I", len(events))
        + events
    )


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


GOOD = zipped(
    [
        ("set/a.mid", midi(60)),
        ("set/sub/b.mid", midi(60, 61)),
        ("set/LICENSE", b"free"),
        ("set/empty/", b""),
    ]
)


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves one body, as badly as `server.faults` says, one fault a request."""

    def do_GET(self):
        server = self.server
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        server.requests.append((start, self.headers["User-Agent"]))
        fault = server.faults.pop(0) if server.faults else ""
        if isinstance(fault, int):
            self.send_error(fault)
            return
        resumed = start and fault != "no ranges"
        body = server.body[start if resumed else 0 :]
        self.send_response(206 if resumed else 200)
        if fault != "unmeasured":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)

    def log_message(self, *_):
        """Say nothing."""


def left(folder):
    """Return every file under `folder` but the manifest, hidden ones too."""
    return sorted(
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_file() and p.name != "corpus.toml"
    )
