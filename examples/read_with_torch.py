"""Feed a dataset to PyTorch: random crops of pieces, shifted by one event (teacher forcing).

python examples/read_with_torch.py data/einaudi-performance
"""

import sys

import numpy as np
import torch

import symgen
from symgen.encodings.base import inputs


class Crops(torch.utils.data.Dataset):
    """One random crop per piece and epoch: inputs and targets, int64 [length, fields].

    Targets of padding are -100.
    """

    def __init__(self, folder, split="train", length=256):
        self.data, self.length = symgen.Dataset.open(folder), length
        self.split = self.data.split(split)

    def __len__(self):
        return len(self.split)

    def __getitem__(self, i):
        events = self.split.events(i)
        start = int(torch.randint(0, max(len(events) - self.length, 0) + 1, ()))
        stop = min(start + self.length, len(events))
        before, after = np.zeros((2, self.length, events.shape[1]), np.int64)
        before[: stop - start] = inputs(self.data.encoding, events, start, stop)
        after[: stop - start], after[stop - start :] = events[start:stop], -100
        return before, after


if __name__ == "__main__":
    loader = torch.utils.data.DataLoader(Crops(sys.argv[1], length=64), batch_size=4, shuffle=True)
    for before, after in loader:
        print("inputs", tuple(before.shape), "targets", tuple(after.shape))
        break
