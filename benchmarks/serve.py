"""The server of `symgen serve`: how soon a slider is heard, what a listener costs, and memory.

python benchmarks/serve.py [--minutes 60] [--listeners 8] [--model piano] [--quick]

The sessions of the server are used without a network. A simulated listener hears each block as it
is due, `LEAD` seconds after it could be made. A slider counts as heard at the first note that is
another than without it; the time that the change itself takes is added. Memory is that of the
process, models and soundfont included, after each sixth of the time.
"""

import gc
import time

import measure

from symgen.rendering.soundfont.live import Sampler
from symgen.sampling import load
from symgen.serve.live.music import LONG, RATE
from symgen.serve.live.session import LEAD, Session
from symgen.serve.live.wish import Wish
from symgen.serve.run import CACHE

TRIALS = 20
BEGINNING = 30  # blocks before a slider moves
CHANGES = {
    "density": lambda i: {"density": 12 if i % 2 else 2},
    "register": lambda i: {"register": 76 if i % 2 else 52},
    "key": lambda i: {"key": "F#" if i % 2 else "Bbm"},
    "calm": lambda i: {"calm": 1.0 if i % 2 else 0.5},
}


class Listener:
    """A session whose clock goes with its music."""

    def __init__(self, model, seed, sampler):
        self.time = 0.0
        wish = Wish(model.name, seed)
        self.session = Session(str(seed), model, wish, sampler, clock=lambda: self.time)

    def listen(self, blocks):
        """Hear so many blocks."""
        for _ in range(blocks):
            self.session.make()
            self.time += LONG
            self.session.tell(max(self.session.music.time - LEAD, 0.0))

    @property
    def notes(self):
        """What begins when, of all that was made."""
        return {(row.start, row.pitch, row.velocity) for row in self.session.heard}


def latency(model, sampler, change, trials):
    """Return for each trial the seconds from a slider to the first other note."""
    out = []
    for i in range(trials):
        one, plain = (Listener(model, i, sampler) for _ in range(2))
        one.listen(BEGINNING)
        played = one.session.now
        begin = time.perf_counter()
        at = one.session.set(change(i))
        one.session.make()
        took = time.perf_counter() - begin
        one.listen(round(LEAD / LONG))
        plain.listen(round(one.session.music.time / LONG))
        found = [start for start, *_ in one.notes ^ plain.notes if start >= at]
        out.append(min(found) - played + took)
    return out


def resident():
    """Return the memory of this process in megabytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * measure.PAGE / 1e6


def rows(args):
    """Yield the rows."""
    sampler = Sampler.open("", RATE, cache=CACHE)
    model = load(args.model, threads=1)
    Listener(model, 0, sampler).listen(8)
    gc.collect()
    gc.freeze()
    minutes = 1 if args.quick else args.minutes
    yield from crowd(model, sampler, args.listeners, minutes, args.model)
    trials = 4 if args.quick else TRIALS
    for name, change in CHANGES.items():
        found = latency(model, sampler, change, trials)
        heard = sum(each < 1 for each in found)
        more = f"slowest; {heard} of {trials} within 1 s, fastest {min(found):.2f} s"
        yield f"{args.model}: {name}, from slider to sound", max(found), "s", more


def crowd(model, sampler, count, minutes, name):
    """Yield the cost and the memory of some listeners at once."""
    yield f"{name}: memory before anyone listens", resident(), "MB", ""
    everyone = [Listener(model, seed, sampler) for seed in range(count)]
    begin = time.process_time()
    parts = 6
    for part in range(1, parts + 1):
        for _ in range(max(round(minutes * 60 / parts / LONG), 1)):
            for each in everyone:
                each.listen(1)
        more = f"{count} listeners"
        yield f"{name}: memory after {minutes * part / parts:g} min", resident(), "MB", more
    seconds = everyone[0].session.music.time * count
    share = (time.process_time() - begin) / seconds
    refused = sum(each.session.refused for each in everyone)
    replayed = sum(each.session.replayed for each in everyone)
    yield f"{name}: share of a core for a listener", 100 * share, "%", "sound included"
    more = f"{replayed} let through, in {seconds / 3600:.1f} h"
    yield f"{name}: passages drawn again", refused, "passages", more


if __name__ == "__main__":
    args = measure.options(__doc__, minutes=60, listeners=8, model="piano")
    measure.run(args, rows(args))
