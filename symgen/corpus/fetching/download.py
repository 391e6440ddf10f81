"""Downloading one archive: continued where it broke off, and kept only if what is on disk has the right checksum."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from symgen.corpus.manifest import Archive
from symgen.errors import DataError
from symgen.files import CHUNK, sha256

Progress = Callable[[int, int, str], None]
AGENT = "symgen (symbolic music generation)"
TIMEOUT, TRIES, PAUSE = 30.0, 4, 1.0  # seconds; the pause doubles from try to try
MOST = 8 << 30  # bytes, where the manifest does not say how many
BREAKS = (urllib.error.URLError, http.client.HTTPException, OSError)


def download(archive: Archive, folder: Path, progress: Progress | None = None) -> Path:
    """Download `archive` into `folder` under a hidden name and return its path; one without a checksum is not verified.

    DataError on a wrong checksum (nothing is kept) or where the server does not answer or breaks off (the part is kept).
    """
    part = folder / f".part-{Path(archive.name).name}"
    pause, reason = PAUSE, ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause)
            pause *= 2
        try:
            total = _go_on(archive, part, progress)
        except urllib.error.HTTPError as error:
            error.close()
            reason = f"the server answers {error.code} {error.reason}"
            if error.code == 416:  # the part is no beginning of what is there now
                part.unlink(missing_ok=True)
            elif error.code < 500:
                break
        except BREAKS as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        else:
            if part.stat().st_size >= total:
                return _verified(archive, part)
            reason = f"it broke off after {part.stat().st_size:,} of {total:,} bytes"
    raise DataError(f"{archive.address}: {reason}; {_next_step(part)}")


def _next_step(part: Path) -> str:
    if part.exists() and part.stat().st_size:
        return "run the same command to go on from there, or download it elsewhere and give --from FILE"
    part.unlink(missing_ok=True)
    return "check the connection, or download it elsewhere and give --from FILE"


def _go_on(archive: Archive, part: Path, progress: Progress | None) -> int:
    """Ask for what `part` lacks and append it; return the whole archive's bytes."""
    have = part.stat().st_size if part.exists() else 0
    if have and have == archive.bytes:
        return have
    with _ask(archive.address, have) as answer:
        have = have if answer.status == 206 else 0
        announced = int(answer.headers.get("Content-Length") or 0)
        total = have + announced if announced else archive.bytes
        limit = archive.bytes or MOST
        if total > limit:
            part.unlink(missing_ok=True)
            raise DataError(
                f"{archive.address}: the server offers {total:,} bytes where the manifest says {limit:,}: refused"
            )
        with open(part, "ab" if have else "wb") as file:
            _copy(answer, file, have, total, progress, archive.name)
    return archive.bytes or total or part.stat().st_size


def _ask(address: str, start: int) -> Any:
    if not address.startswith(("https://", "http://")):
        raise DataError(f"{address}: the address of an archive starts with https:// or http://")
    request = urllib.request.Request(
        address, headers={"User-Agent": AGENT, "Accept-Encoding": "identity"}
    )
    if start:
        request.add_header("Range", f"bytes={start}-")
    return urllib.request.urlopen(request, timeout=TIMEOUT)


def _copy(
    answer: Any, file: IO[bytes], have: int, total: int, progress: Progress | None, name: str
) -> None:
    most = total or MOST
    while chunk := answer.read(min(CHUNK, most - have + 1)):
        have += len(chunk)
        if have > most:
            file.truncate(0)
            raise DataError(
                f"{name}: the server sends more than the {most:,} bytes that were announced: refused"
            )
        file.write(chunk)
        if progress:
            progress(have, total, f"downloading {name}")


def _verified(archive: Archive, part: Path) -> Path:
    if archive.sha256 and (found := sha256(part)) != archive.sha256:
        part.unlink()
        raise DataError(
            f"{archive.address}: sha256 {found}, but the manifest says {archive.sha256}: refused, nothing was kept; "
            "try again, or look whether the release changed"
        )
    return part
