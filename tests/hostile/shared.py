"""The hostile files of the shared corpora, as cases; what they hold is what their manifest says."""

import dataclasses
import re

from tests.hostile.cases import READ, REFUSED, Case
from tests.notes.abc.test_nasty import FILES as ABC
from tests.notes.midi.test_nasty import FILES as MIDI

OTHERWISE = {"two_voices.abc": 8}
"""Notes of files of which that table counts one voice alone."""

DRUMS = "drums_only_channel_10.mid"  # is read, and has nothing that can be encoded


@dataclasses.dataclass(frozen=True)
class Shared(Case):
    """A file that is there already, of so many notes."""

    def commands(self, folder):
        """Return the command that counts, and the one that encodes."""
        path = str(self.make(folder))
        convert = ["convert", path, "-o", "set", "--encoding", "performance"]
        words = [["corpus", "check", path, "--json", "-q"], [*convert, "--workers", "1", "-q"]]
        return words[:1] if self.name == DRUMS else words


def cases(corpora):
    """Yield a case for each file that the manifest names; none where the folder is missing."""
    root = corpora / "nasty"
    if not (root / "MANIFEST.md").is_file():
        return
    manifest = (root / "MANIFEST.md").read_text(encoding="utf-8")
    midi, abc = manifest.split("## MIDI")[1].split("## ABC")
    for kind, text, table in (("midi", midi, MIDI), ("abc", abc, ABC)):
        for name in re.findall(r"^\| (?!file |---)([^|]+?) \|", text, re.MULTILINE):
            notes = OTHERWISE.get(name, _notes(table[name][0]))
            yield _case(kind, name, root / kind / name, notes)


def _case(kind, name, path, notes):
    wanted = READ if notes else REFUSED
    return Shared(name, kind, lambda folder: path, wanted, notes=notes)


def _notes(expected):
    """Return how many notes the table of a reader's test expects; 0 where the file is refused."""
    if isinstance(expected, int):
        return expected
    if isinstance(expected, str):
        return 0
    return sum(_of_tune(tune) for tune in expected.values())


def _of_tune(tune):
    if isinstance(tune, int):
        return tune
    return len(re.findall("[A-Ga-g]", tune)) if re.fullmatch("[A-Ga-g#]+", tune) else 0
