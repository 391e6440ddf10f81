"""`symgen evaluate --listen`: a blind listening test of a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symgen.cli.common import Out
from symgen.errors import BadOption

SUFFIXES = (".html", ".htm")


def write_test(
    out: Out,
    path: str | None,
    place: str,
    force: bool,
    *,
    data: Sequence[str],
    samples: int | None,
    seconds: float | None,
    seed: int,
) -> None:
    """Write the page of a blind test of the bundle at `path` (None: the newest) to `place`."""
    from symgen.bundle.card import source_line
    from symgen.dataset.of import dataset_of
    from symgen.evaluation import leakage
    from symgen.evaluation.blind import CLIPS, SECONDS, clips
    from symgen.files import atomic, refuse_overwrite
    from symgen.report.blind import page
    from symgen.sampling import load

    target = Path(place)
    if target.suffix.lower() not in SUFFIXES:
        raise BadOption(f"--listen {place}: the test is a page; name a file such as test.html")
    if len(data) > 1:
        raise BadOption(f"--data: {len(data)} datasets for one model; name one")
    refuse_overwrite(target, force)
    model = load(path)
    out.log(source_line(model))
    dataset = dataset_of(model, data[0] if data else None, newest=True)
    for line in leakage.check(model, dataset):
        out.log(f"note: {line}")
    num, lasts = CLIPS if samples is None else samples, SECONDS if seconds is None else seconds
    with out.track() as progress:
        some = clips(model, dataset.split("eval"), num, lasts, seed, progress)
        text = page(some, f"A person or {model.name}?", progress=progress)
    with atomic(target, replace=force) as file:
        file.write(text.encode())
    generated = sum(clip.generated for clip in some)
    out.result(
        f"{place}: a blind test of {len(some)} clips of {lasts:g} s, {generated} of them "
        f"generated; open it in a browser ({len(text) / 1e6:.1f} MB)",
        {"path": place, "clips": len(some), "generated": generated, "seconds": lasts, "seed": seed},
    )
