"""The accounts of whole corpora: notes in, by mido, are notes in events and notes dropped.

    python benchmarks/accounts.py [--encoding NAME] CORPUS...

Prints a line for each corpus, and exits with 1 where one does not add up. Files that mido cannot
read are not counted a second time (`one_sided`).
"""

import argparse
import dataclasses
import io
import re
import sys

import mido

from symgen.corpus import Piece, load, open_corpus
from symgen.dataset.encode import JOINED, Encoded, Refused, encode_file, notes_lost
from symgen.encodings import encoding as make
from symgen.errors import ReadError

EMPTY = re.compile(r"([\d,]+) notes? of no length")


@dataclasses.dataclass
class Account:
    """Counts of a corpus; `wrong` has a line for whatever does not add up."""

    files: int = 0
    read: int = 0
    refused: int = 0
    note_ons: int = 0
    notes: int = 0
    empty: int = 0
    encoded: int = 0
    dropped: int = 0
    joined: int = 0
    left_out: int = 0
    one_sided: int = 0
    wrong: list[str] = dataclasses.field(default_factory=list)

    def __str__(self):
        counts = dataclasses.asdict(self) | {"wrong": len(self.wrong)}
        return ", ".join(f"{name} {value:,}" for name, value in counts.items())


def note_ons(data):
    """Return the number of notes that begin in a MIDI file, or None where mido cannot read it."""
    try:
        tracks = mido.MidiFile(file=io.BytesIO(data), clip=True).tracks
    except Exception:  # of many kinds
        return None
    return sum(m.type == "note_on" and m.velocity > 0 for track in tracks for m in track)


def of_entry(entry, encoding, account):
    """Add a file to `account`."""
    account.files += 1
    try:
        pieces = load(entry)
    except ReadError:
        account.refused += 1
        return
    account.read += 1
    sequences = [piece.sequence for piece in pieces if isinstance(piece, Piece)]
    notes = sum(map(len, sequences))
    account.notes += notes
    if entry.id.lower().endswith((".mid", ".midi")):
        found = (EMPTY.match(text) for s in sequences for text in s.source.warnings)
        empty = sum(int(match[1].replace(",", "")) for match in found if match)
        began = note_ons(entry.read())
        account.empty += empty
        account.note_ons += began or 0
        account.one_sided += began is None
        if began not in (None, notes + empty):
            account.wrong.append(f"{entry.id}: {began} note-ons, {notes} notes, {empty} empty")
    for made in encode_file(encoding, entry, pieces):
        if isinstance(made, Refused):
            account.left_out += 1
            continue
        assert isinstance(made, Encoded)
        account.encoded += made.note_count
        account.dropped += notes_lost(made.drops)
        account.joined += made.drops.get(JOINED, 0)
        if made.notes != made.note_count + notes_lost(made.drops):
            account.wrong.append(f"{entry.id}: {made.notes} in, {made.note_count}, {made.drops}")


def of_corpus(path, name):
    """Return the account of a whole corpus in the encoding `name`."""
    encoding, account = make(name), Account()
    for entry in open_corpus(path).entries():
        of_entry(entry, encoding, account)
    return account


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoding", default="performance")
    parser.add_argument("corpora", nargs="+", metavar="CORPUS")
    options = parser.parse_args()
    wrong = 0
    for path in options.corpora:
        account = of_corpus(path, options.encoding)
        print(f"{path}: {account}", *account.wrong[:10], sep="\n  ", flush=True)
        wrong += len(account.wrong)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
