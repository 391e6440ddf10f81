"""The ledger's words."""

from collections import Counter

from symgen.dataset.encode import Refused
from symgen.dataset.ledger import Ledger, by_reason, losses, split_totals, summary


def row(split, events):
    return {
        "id": f"{split}{events}",
        "half": split,
        "notes": events // 2,
        "seconds": 60.0,
        "events": events,
    }


def info(**changes):
    table = Ledger(files=3, pieces=2, notes=600, encoded=590).table([], []) | changes
    corpora = [{"name": "standin", "title": "A stand-in", "licence": "CC0-1.0", "synthetic": True}]
    return {
        "corpora": corpora,
        "ledger": table,
        "halves": split_totals([row("train", 900), row("eval", 100)]),
    }


def test_the_summary_tells_what_came_in_and_what_each_half_holds():
    assert summary(info()).splitlines() == [
        "  corpus  A stand-in (CC0-1.0, synthetic)",
        "  in      3 files, 2 pieces, 600 notes; 590 notes encoded",
        "  train   1 piece, 1.0 minutes, 450 notes, 900 events (90.0%)",
        "  eval    1 piece, 1.0 minutes, 50 notes, 100 events (10.0%)",
        "  dropped nothing",
    ]


def test_the_summary_tells_every_loss():
    ledger = Ledger(drops=Counter({"drum note": 1200}), skipped=[("a.txt", "no music file (.txt)")])
    ledger.refuse(Refused("b.mid", "not a MIDI file"))
    assert summary(info(**ledger.table([], []))).splitlines()[4:] == [
        "  skipped 1 x no music file (.txt)",
        "  refused 1 x not a MIDI file",
        "  dropped 1,200 x drum note",
    ]


def test_what_was_left_out_beside_notes_is_a_loss():
    table = Ledger(left_out=Counter({"pitch bend": 1200})).table([], [])
    assert losses(table) == ["1200 x pitch bend"]
    assert summary(info(**table)).splitlines()[4:] == ["  dropped 1,200 x pitch bend"]
    del table["left_out"]  # of an older dataset
    assert losses(table) == []


def test_losses_are_refusals_and_drops_but_not_what_is_skipped_by_rule():
    ledger = Ledger(skipped=[("a.txt", "no music")], mended=[("c.mid", "1 note never released")])
    assert losses(ledger.table([], [])) == []
    ledger.refuse(Refused("z.mid", "empty"))
    ledger.refuse(Refused("b.mid", "not a MIDI file"))
    ledger.drops["drum note"] = 2
    assert losses(ledger.table([], [])) == [
        "2 refused, the first b.mid: not a MIDI file",
        "2 x drum note",
    ]


def test_reasons_that_differ_in_their_figures_are_one_line():
    assert by_reason(
        ["2 notes left out", "cut at 3.5 s", "1 note left out", "cut at 12 s", "11 notes left out"]
    ) == ["3 x 14 notes left out", "2 x cut at 3.5 s"]
    assert by_reason(["1 track is short", "1 track is short"]) == ["2 x 1 track is short"]
    assert by_reason([]) == []
