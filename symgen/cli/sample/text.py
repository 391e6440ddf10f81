"""What is said of a sample: one line, and a document that also goes beside it as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.errors import counted

if TYPE_CHECKING:
    from symgen.sampling.generate import Sample

SUFFIX = ".json"


def document(made: Sample, files: list[Path], drawn: Sequence[str] = ()) -> dict[str, Any]:
    """Return what there is to tell of a sample, for JSON; `drawn` are the wishes that no user asked."""
    names = [path.as_posix() for path in files]
    out: dict[str, Any] = {
        "file": names[0],
        "files": names,
        "seed": made.seed,
        "index": made.index,
        "asked": made.asked,
        "reached": made.reached,
    }
    if made.ways:
        out |= {"ways": made.ways, "over_time": made.over_time, "distance": round(made.distance, 4)}
    if drawn:
        out["drawn"] = list(drawn)
    if made.nats is not None:
        out["nats_per_event"] = round(made.nats, 4)
    if made.originality is not None:
        out["originality"] = made.originality
    if made.said:
        out["said"] = list(made.said)
    return out


def write_sidecar(of: dict[str, Any], path: Path, force: bool) -> None:
    """Write the document beside the sample."""
    from symgen.files import atomic, refuse_overwrite

    with atomic(refuse_overwrite(path, force)) as file:
        file.write((json.dumps(of, indent=2, sort_keys=True) + "\n").encode())


def told(of: dict[str, Any]) -> str:
    """Say in one line what was asked and what was reached."""
    asked, reached = of["asked"], of["reached"]
    after = (
        f" after {reached['primer_seconds']:.2f} s of {asked['primer']}"
        if "primer" in asked
        else ""
    )
    length = f"{reached['seconds']:.2f} s"
    if "bars" in reached:
        bars = f"{reached['bars']} bar{'s' * (reached['bars'] != 1)} of {reached['meter']}"
        parts = [
            f"{bars}, {reached['tempo']}, {length}",
            f"{counted(reached['notes'], 'note')}{after}",
        ]
        parts += [f"{name} {asked[name]}" for name in ("form", "melody", "chords") if name in asked]
    else:
        parts = [
            f"{length} (asked {asked['seconds']:g}), {counted(reached['notes'], 'note')}{after}"
        ]
    if "density" not in asked:
        parts.append(f"{reached.get('density', 0):.2f} notes per second")
    parts += [_wish(name, of) for name in of.get("ways", {})]
    if "key" not in asked and "key_name" in reached:
        parts.append(f"key {reached['key_name']}")
    parts += [f"{name} {reached[name]}" for name in ("cadence", "ends") if name in reached]
    if "nats_per_event" in of:
        parts.append(f"{of['nats_per_event']:.2f} nats per event under the model alone")
    parts += _copies(of.get("originality", {}))
    text = f"{' '.join(of['files'])}: {'; '.join(parts)}; seed {of['seed']}, sample {of['index']}"
    return text + (f"; sound {of['audio']}" if of.get("audio") else "")


def _copies(of: dict[str, Any]) -> list[str]:
    """Say how much of a sample is in other music, and how often it was drawn again."""
    parts = []
    for key, where in (("longest", "longest copy"), ("repeated", "longest repeat")):
        if copy := of.get(key):
            begin, end = copy["at"]
            parts.append(
                f"{where} {counted(copy['notes'], 'note')} of {copy['piece']}, at {begin:.1f} to {end:.1f} s"
            )
        elif key in of:
            parts.append(f"{where} 0 notes")
    if again := of.get("drawn_again"):
        parts.append(f"drawn again {again} time{'s' * (again > 1)}")
    return parts


def _wish(name: str, of: dict[str, Any]) -> str:
    """Say what was asked of one control, what it came to (over time, where it was asked so), and which way was used."""
    asked, value = of["asked"][name], of["reached"].get(name)
    parts = of["over_time"].get(name, {"reached": []})["reached"]
    said = f"{name.replace('_', ' ')} asked {_short(asked)}"
    if name in of.get("drawn", ()):
        said = f"{name} {_short(asked)} (drawn)"
    if name == "key":
        said += f", reached {100 * value:.1f} % of sounding time in it"
    elif name == "density":
        said += f", reached {value:.2f} notes per second"
    elif value is not None:
        said += f", reached {_short(value)}"
    if isinstance(asked, str) and len(parts) > 1 and name not in ("key", "label"):
        said += f" ({' '.join('-' if part is None else f'{part:.3g}' for part in parts)} over time)"
    return f"{said}, {of['ways'][name]}"


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(f"{v:.2g}" for v in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
