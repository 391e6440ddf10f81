"""The report of the protocol "nottingham" as text of at most 100 columns.

Shares are in percent, nats are natural logarithms.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

Report = Mapping[str, Any]

FORMS = {"sounding": "what sounds (the published form)", "onsets": "onsets, holds and rests"}
KINDS = {
    "all": "every step",
    "changes": "something changes",
    "seen_before": "seen before",
    "first_time": "first time",
}
FIELDS = ("overall", "melody", "chord")
NAME, WIDTH = 22, 100  # columns


def text(report: Report) -> str:
    """Return the whole report."""
    lines = [*_data(report), *_models(report)]
    seen = set[str]()
    for section in report["sections"]:
        lines += ["", *_section(report, section)]
        if section["form"] not in seen:  # another chord vocabulary changes the kinds very little
            lines += ["", *_kinds(section)]
        seen.add(section["form"])
    lines += _harmonies(report["harmonised"]) if report["harmonised"] else []
    lines += ["", NOTES, *(f"WARNING: {line}" for line in report["warnings"])]
    wrapped = [textwrap.wrap(line, WIDTH, subsequent_indent="  ") or [""] for line in lines]
    return "\n".join(part for parts in wrapped for part in parts)


NOTES = (
    "sampled: the mean probability of the truth, which is the accuracy of a step drawn from the "
    "model. overall: the mean of melody and chord. Intervals: 95 %, over tunes. chord: after a "
    "melody drawn in the same step; chord|melody: given the true melody of the step. nats: of the "
    "melody, of the chord given the melody, and of both; (s): of a smoothed version, because they "
    "are undefined. something changes: a note begins (melody), or another chord begins (chord). "
    "seen before: the bar of melody just before the step also occurs earlier in the tune."
)


def _data(report: Report) -> Iterator[str]:
    for data in report["datasets"]:
        halves = data["halves"]
        spec = data["encoding"]
        corpora = ", ".join(c["title"] or c["name"] for c in data["corpora"])
        keys = [key for key in ("melody", "grid", "reduce", "every_root") if key in spec]
        yield f"{data['path']}: {corpora}; {', '.join(f'{key} {spec[key]}' for key in keys)}"
        for split, held in halves.items():
            size = f"{held['pieces']:,} tunes, {held['events']:,} steps ({held['share']:.1%})"
            yield f"  {split:<6} {size}"
        near = ""
        if data["near_duplicates"] is not None:
            near = f", {data['near_duplicates']:,} near-duplicates"
        yield (
            f"  split  {data['groups']:,} groups, seed {data['seed']}; "
            f"{data['duplicates']:,} copies{near} kept on one side"
        )
        yield from (f"  left out {line}" for line in [*data["refused"], *data["skipped"]])


def _models(report: Report) -> Iterator[str]:
    for model in report["models"]:
        facts = [
            f"{model['parameters']:,} weights" if model["parameters"] else "",
            f"trained {model['seconds'] / 60:.0f} minutes" if model["seconds"] else "",
            "chord given melody" if model["chained"] else "melody and chord independent",
        ]
        known = ", ".join(fact for fact in facts if fact)
        yield f"{model['name']}: {model['path']}, form {model['form']}, {known}"


def _section(report: Report, section: Report) -> Iterator[str]:
    yield (
        f"Melody as {FORMS[section['form']]}: {section['tunes']:,} tunes, "
        f"{section['steps']:,} steps, {section['melody_values']} melody and "
        f"{section['chord_values']} chord values"
    )
    tried = ", ".join(f"{n}: {nats:.3f}" for n, nats in section["order_nats"].items())
    yield (
        f"n-gram order {section['order']}, chosen on a tenth of the training tunes (nats per "
        f"step: {tried})"
    )
    yield ""
    yield f"{'':<{NAME}}{'sampled %':<54}argmax %"
    sampled = "".join(f"{field:<18}" for field in FIELDS)
    argmax = "".join(f"{field:<8}" for field in FIELDS)
    yield f"{'':<{NAME}}{sampled}{argmax}".rstrip()
    if section["form"] == "sounding":
        yield f"{'published, 2 x 200':<{NAME}}" + "".join(
            f"{100 * report['published'][k]:<18.2f}" for k in FIELDS
        )
    yield from (_whole(row) for row in section["rows"])
    yield ""
    yield f"{'nats per step':<{NAME}}melody  chord   both"
    yield from (_in_nats(row) for row in section["rows"])
    for gain in section["differences"]:
        for measure in ("sampled", "argmax"):
            yield (
                f"{gain['of']} over {gain['over']}, {measure}, points: "
                + ", ".join(f"{k} {_interval(gain[measure][k], '+')}" for k in FIELDS)
            )


def _kinds(section: Report) -> Iterator[str]:
    yield f"{'':<{NAME + 4}}{'melody':<22}{'chord':<15}chord|melody"
    yield f"{'':<{NAME + 4}}" + "sampl. argmax   nats  sampl. argmax  sampl. argmax   nats"
    for kind, words in KINDS.items():
        melody, chord = (_percent(section["shares"][kind][field]) for field in ("melody", "chord"))
        yield f"{words}: {melody} of the melody steps, {chord} of the chord steps"
        yield from (_parts(row, kind) for row in section["rows"])


def _whole(row: Report) -> str:
    figures = row["all"]
    sampled = "".join(f"{_interval(figures['sampled'][k]):<18}" for k in FIELDS)
    argmax = "".join(f"{_share(figures['argmax'][k]):<8}" for k in FIELDS)
    return f"{row['name'][: NAME - 1]:<{NAME}}{sampled}{argmax}".rstrip()


def _in_nats(row: Report) -> str:
    name = row["name"] + " (s)" * row["nats_smoothed"]
    nats = [_nats(row["all"]["nats"].get(key)) for key in ("melody", "chord_given", "step")]
    return f"{name[: NAME - 1]:<{NAME}}{' '.join(nats)}"


def _parts(row: Report, kind: str) -> str:
    figures = row[kind]
    cells = []
    for column in ("melody", "chord", "chord_given"):
        cells += [f"{_share(figures[measure][column]):>6}" for measure in ("sampled", "argmax")]
        cells += [_nats(figures["nats"][column])] if column != "chord" else []
    return (
        f"  {row['name']:<{NAME + 2}}"
        + " ".join(cells[:3])
        + "  "
        + " ".join(cells[3:5])
        + "  "
        + " ".join(cells[5:])
    )


def _harmonies(made: Report) -> Iterator[str]:
    yield ""
    yield (
        f"Given the melodies of {len(made['tunes'])} held-out tunes ({made['steps']:,} steps), "
        f"steps with the original's chord, of {made['chord_values']}:"
    )
    for row in made["rows"]:
        yield (
            f"  {row['name']:<{NAME + 2}}drawn {_percent(row['drawn'])}, "
            f"likeliest {_percent(row['likeliest'])}; "
            f"first choice, given the original's past: {_percent(row['given_past'])}"
        )
    yield f"  {'the tonic throughout':<{NAME + 2}}{_percent(made['tonic'])}"
    yield f"  {'its last chord again':<{NAME + 2}}{_percent(made['repeat'])}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _share(cell: Report | None) -> str:
    return f"{100 * cell['value']:.2f}" if cell else "-"


def _interval(cell: Report | None, sign: str = "") -> str:
    if not cell:
        return "-"
    value, low, high = (100 * cell[key] for key in ("value", "low", "high"))
    return f"{value:{sign}.2f} [{low:.1f} {high:.1f}]"


def _nats(cell: Report | None) -> str:
    return f"{cell['value']:6.3f}" if cell else f"{'-':>6}"
