"""The whole protocol on invented tunes: models and their forms, facts of the data, the text."""

import json

import pytest

from symgen.encodings import encoding
from symgen.errors import DataError
from symgen.evaluation.nottingham import text as tables
from symgen.evaluation.nottingham.protocol import nottingham
from tests.evaluation.fakes import ONSETS, SOUNDING, bundle, dataset, random_tunes

pytest.importorskip("keras", reason="the extra `train` is not installed")


def datasets(other=SOUNDING, drop=0):
    """Return the same tunes in both forms, with the chords of `other` and `drop` tunes fewer."""
    tunes = random_tunes(ONSETS, 24, 48, seed=3)
    onsets = dataset(ONSETS, *splits(tunes), "data/onsets", "onsets")
    played = {}
    for name, rows in tunes.items():
        pitch, played[name] = 0, []
        for melody, chord in rows:
            pitch = pitch if melody == 1 else max(melody - 1, 0)
            played[name].append((pitch, min(chord, len(other.chords))))
    train, held_out = splits(played)
    return onsets, dataset(
        other,
        train,
        dict(list(held_out.items())[: len(held_out) - drop]),
        "data/sounding",
        "sounding",
    )


def splits(tunes):
    rows = list(tunes.items())
    return dict(rows[:18]), dict(rows[18:])


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return (
        bundle(folder / "larger.symgen", training={"dataset_fingerprint": "onsets"}),
        bundle(
            folder / "smaller.symgen",
            SOUNDING,
            chained=False,
            training={"dataset_fingerprint": "sounding", "parameters": 1234, "seconds": 90},
        ),
    )


@pytest.fixture(scope="module")
def report(models):
    return nottingham(list(zip(models, datasets(), strict=True)))


def rows(section):
    return {row["name"]: row for row in section["rows"]}


def test_a_model_of_onsets_appears_in_both_forms(report):
    sounding, onsets = report["sections"]
    assert (sounding["form"], onsets["form"]) == ("sounding", "onsets")
    assert list(rows(sounding))[:3] == ["larger", "smaller", "repeat last step"]
    assert [row["kind"] for row in sounding["rows"]] == ["model"] * 2 + ["baseline"] * 3
    assert "smaller" not in rows(onsets) and "larger" in rows(onsets)
    assert (
        rows(sounding)["larger"]["all"]["sampled"]["melody"]["value"]
        > rows(onsets)["larger"]["all"]["sampled"]["melody"]["value"]
    )
    assert (
        rows(sounding)["larger"]["all"]["sampled"]["chord"]
        == rows(onsets)["larger"]["all"]["sampled"]["chord"]
    )
    assert report["warnings"] == []


def test_the_baselines_are_those_of_the_form(report):
    sounding, onsets = (rows(section) for section in report["sections"])
    assert (
        sounding["repeat last step"]["all"]["argmax"]["melody"]["value"]
        > onsets["repeat last step"]["all"]["argmax"]["melody"]["value"]
    )
    for section in (sounding, onsets):
        [gram] = [row for name, row in section.items() if name.endswith("-gram")]
        assert (
            gram["all"]["nats"]["step"]["value"]
            < section["unigram"]["all"]["nats"]["step"]["value"]
        )


def test_every_figure_lies_in_its_interval_and_the_parts_add_up(report):
    for section in report["sections"]:
        assert section["steps"] == 6 * 48 and section["tunes"] == 6
        share = section["shares"]
        assert share["seen_before"]["melody"] + share["first_time"]["melody"] == pytest.approx(
            1, abs=1e-3
        )
        for row in section["rows"]:
            cells = [
                cell
                for kind in ("all", "changes")
                for m in ("sampled", "argmax", "nats")
                for cell in row[kind][m].values()
                if cell
            ]
            assert all(cell["low"] <= cell["value"] <= cell["high"] for cell in cells)
            every = row["all"]["sampled"]
            assert every["overall"]["value"] == pytest.approx(
                (every["melody"]["value"] + every["chord"]["value"]) / 2, abs=1e-5
            )
            parts = [
                row[kind]["sampled"]["melody"]["value"] * share[kind]["melody"]
                for kind in ("seen_before", "first_time")
                if row[kind]["sampled"]["melody"]
            ]
            assert sum(parts) == pytest.approx(every["melody"]["value"], abs=1e-3)


def test_the_difference_of_two_models_has_an_interval(report):
    gain, *others = report["sections"][0]["differences"]
    assert [(g["of"], g["over"]) for g in others] == [
        ("larger", "repeat last step"),
        ("smaller", "repeat last step"),
    ]
    names, scores = (gain["of"], gain["over"]), rows(report["sections"][0])
    one, other = (scores[name]["all"]["sampled"]["overall"]["value"] for name in names)
    assert names == ("larger", "smaller")
    assert gain["sampled"]["overall"]["value"] == pytest.approx(one - other, abs=1e-5)


def test_the_text_describes_the_data(report):
    data = report["datasets"][0]
    assert data["refused"] == ["2 x no chords"] and data["near_duplicates"] == 2
    assert data["halves"]["eval"]["pieces"] == 6
    assert json.loads(json.dumps(report)) == report


def test_the_text_fits_a_terminal(report):
    text = tables.text(report)
    assert max(map(len, text.split("\n"))) <= 100
    assert "77.84" in text and "published" in text
    assert "2 x no chords" in text and "near-duplicates" in text
    words = " ".join(text.split())  # where lines break depends on the paths
    assert "smaller: " in words and "1,234 weights, trained 2 minutes" in words


def test_each_vocabulary_has_its_own_section(models, tmp_path):
    few = encoding(
        "melody_chords",
        chords=("C", "F", "G"),
        melody="sounding",
        reduce="triads",
        every_root=False,
    )
    onsets, sounding = datasets(few)
    small = bundle(tmp_path / "few.symgen", few, training={"dataset_fingerprint": "sounding"})
    report = nottingham([(models[0], onsets), (small, sounding)])
    assert [
        (s["form"], s["chord_values"], [r["name"] for r in s["rows"] if r["kind"] == "model"])
        for s in report["sections"]
    ] == [
        ("sounding", 4, ["larger", "few"]),
        ("sounding", 5, ["larger"]),
        ("onsets", 5, ["larger"]),
    ]
    assert any(
        "agrees with the dataset of 4 chord values in 100.00% of the melody steps" in line
        for line in report["warnings"]
    )


def test_other_tunes_are_refused(models):
    onsets, sounding = datasets(drop=1)
    with pytest.raises(
        DataError, match=r"data/sounding: its held-out split has other tunes, such as tune023"
    ):
        nottingham([(models[0], onsets), (models[1], sounding)])


def test_two_models_with_the_same_name_are_numbered(models):
    onsets, _ = datasets()
    report = nottingham([(models[0], onsets), (models[0], onsets)])
    assert [m["name"] for m in report["models"]] == ["larger (1)", "larger (2)"]
