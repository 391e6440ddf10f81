"""The card of a model tells what its bundle holds, and leaves out what it does not."""

import json

import pytest

from symgen.bundle.bundle import Bundle
from symgen.bundle.card import card, markdown, source_line, text
from symgen.bundle.shipping import evaluated, ship
from symgen.errors import DataError
from symgen.pretrained import folder, pretrained

NATS = {"nats_per_note": [9.0, 8.5, 9.5], "nats_per_second": [64.0, 60.0, 68.5]}
COPIES = {
    "summary": {"longest": {"low": 5.0, "median": 7.0, "high": 9.0, "most": 11}},
    "held_out": {"longest": {"low": 5.0, "median": 8.0, "high": 9.0, "most": 20}},
}
EVALUATION = {"likelihood": {"network": NATS}, "originality": COPIES}


def test_the_card_of_a_model_that_ships(shipped_models):
    made = card(Bundle.open("piano"))
    shown = text(made)
    for line in (
        "piano: pop and classical piano",
        "POP909 (MIT); piano-midi.de (CC BY-SA 3.0 DE)",
        "licence of the weights  CC BY-SA 3.0 DE",
        "Yes, with attribution. Share-alike applies to the model file",
        "not legal advice",
        "9.5 nats per note, 70 nats per second, of 1 piece",
        "2.0 hours on a processor, 2 cores",
        "symgen sample piano",
        "symgen train --from piano FOLDER",
        "int8",
    ):
        assert line in shown, line
    assert "longest copies" not in shown
    assert json.loads(json.dumps(made)) == made


def test_figures_of_an_evaluation_have_intervals(shipped_models, tmp_path):
    path = ship(Bundle.open("piano"), tmp_path / "x.symgen", report=evaluated(EVALUATION))
    shown = text(card(Bundle.open(path)))
    assert "9 nats per note (95 %: 8.5 to 9.5), 64 nats per second (95 %: 60 to 68.5)" in shown
    assert "7 notes in a row (median of samples; 11 at most), of held-out music 8 (20" in shown
    with pytest.raises(DataError, match="neither the likelihood"):
        evaluated({"likelihood": {}})


def test_any_bundle_has_a_card(tiny_bundle):
    made = card(Bundle.open(tiny_bundle))
    assert made["commercial"]["answer"] == "yes" and made["licence"] == "CC0-1.0"
    shown = text(made)
    assert "Made up (CC0-1.0, synthetic)" in shown and "0.0 minutes" in shown
    assert source_line(Bundle.open(tiny_bundle)).endswith("trained on made (synthetic)")


def test_the_command_line_prints_it_and_writes_it(symgen, shipped_models, tmp_path):
    code, out, _ = symgen("bundle", "info", "piano")
    assert code == 0 and "may I use it commercially?" in out and "held out" in out
    code, out, _ = symgen("bundle", "info", "piano", "--json")
    assert json.loads(out)["card"]["licence"] == "CC BY-SA 3.0 DE"
    assert symgen("bundle", "card", "piano", "-o", "piano.md")[0] == 0
    assert (tmp_path / "piano.md").read_text() == markdown(card(Bundle.open("piano")))
    assert symgen("bundle", "card", "piano", "-o", "piano.md")[0] == 1


@pytest.mark.parametrize("name", pretrained)
def test_the_cards_beside_the_models_that_ship_are_theirs(name):
    path = folder() / pretrained[name].file
    if not path.is_file():
        pytest.skip(f"{path.name} is not there yet")
    page = path.with_suffix(".md").read_text(encoding="utf-8")
    assert page == markdown(card(Bundle.open(path))), "make cards writes it anew"
