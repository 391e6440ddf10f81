"""Download one archive: resume a partial download, and keep the file only if its checksum is right.

pooch would replace the checksum and the progress, but not resuming and the limit on the size; so
the standard library does all of it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from symgen import scratch
from symgen.corpus.manifest import Archive
from symgen.errors import DataError
from symgen.files import CHUNK, sha256
from symgen.types import Progress

AGENT = "symgen (symbolic music generation)"
TIMEOUT, TRIES, PAUSE = 30.0, 4, 1.0  # seconds; the pause doubles after each try
MOST_BYTES = 8 << 30  # if the manifest does not give the size
BREAKS = (urllib.error.URLError, http.client.HTTPException, OSError)


@contextlib.contextmanager
def downloaded(archive: Archive, folder: Path, progress: Progress | None = None) -> Iterator[Path]:
    """Download `archive` into `folder` under a hidden name, yield its path, and delete it then.

    An archive without a checksum is not verified. Raises DataError if the checksum is wrong
    (nothing is kept), if the server does not answer or the connection breaks (the partial file
    is kept), or if another process is fetching the same.
    """
    part = folder / f".part-{Path(archive.name).name}"
    with scratch.claimed(part) as held:
        if not held:
            raise DataError(f"{part}: another process is fetching it; wait until that has ended")
        path = _download(archive, part, progress)
        try:
            yield path
        except (OSError, KeyboardInterrupt):
            raise  # it is whole, so the next call need not download it again
        except BaseException:
            part.unlink()
            raise
        part.unlink()


def _download(archive: Archive, part: Path, progress: Progress | None) -> Path:
    pause, reason = PAUSE, ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause)
            pause *= 2
        try:
            total = _resume(archive, part, progress)
        except urllib.error.HTTPError as error:
            error.close()
            reason = f"the server answers {error.code} {error.reason}"
            if error.code == 416:  # the part is not the beginning of the current file
                os.truncate(part, 0)
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
        return "run the same command to resume it, or download it elsewhere and give --from FILE"
    return "check the connection, or download it elsewhere and give --from FILE"


def _resume(archive: Archive, part: Path, progress: Progress | None) -> int:
    """Request the rest of `part` and append it; return the size of the whole archive."""
    have = part.stat().st_size if part.exists() else 0
    if have and have == archive.bytes:
        return have
    with _ask(archive.address, have) as answer:
        have = have if answer.status == 206 else 0
        announced = int(answer.headers.get("Content-Length") or 0)
        total = have + announced if announced else archive.bytes
        limit = archive.bytes or MOST_BYTES
        if total > limit:
            os.truncate(part, 0)
            raise DataError(
                f"{archive.address}: the server offers {total:,} bytes where the manifest says "
                f"{limit:,}: refused"
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
    most = total or MOST_BYTES
    while chunk := answer.read(min(CHUNK, most - have + 1)):
        have += len(chunk)
        if have > most:
            file.truncate(0)
            raise DataError(
                f"{name}: the server sends more than the announced {most:,} bytes: refused"
            )
        try:
            file.write(chunk)
            file.flush()
        except OSError as error:
            raise DataError(
                f"{file.name}: {error.strerror or error}; then run the same command to resume it"
            ) from None
        if progress:
            progress(have, total, f"downloading {name}")


def _verified(archive: Archive, part: Path) -> Path:
    if archive.sha256 and (found := sha256(part)) != archive.sha256:
        os.truncate(part, 0)
        raise DataError(
            f"{archive.address}: sha256 {found}, but the manifest says {archive.sha256}: "
            "refused, nothing was kept; try again, or check whether the release changed"
        )
    return part
