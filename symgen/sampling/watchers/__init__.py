"""Rules for whole samples: a sample that a watcher rejects is drawn again; see `base`.

A processor changes the choice of the next event, and cannot undo an earlier one. What shows only in
a whole sample, such as a long copy, is the work of a watcher. A new one is a class and a line here.
"""

from __future__ import annotations

from symgen.registry import Registry

watchers = Registry(
    "watcher",
    {  # in the order in which they judge a sample
        "typical": "symgen.sampling.watchers.typical:TypicalWatcher",
        "copies": "symgen.sampling.watchers.copies:CopyWatcher",
    },
)
