"""Counting n-grams and scoring a split: CPU seconds, peak memory, and the cost of dropping singles.

python benchmarks/models/likelihood.py DATASET [BUNDLE.symgen] [--order 6] [--pieces N] [--singles]

The n-gram is counted on the training split and scored on the other, as `symgen train --config
ngram` and `symgen evaluate` do. The network of a bundle is scored too, on `--pieces` pieces if
given. Uses one thread.
"""

import argparse
import resource
import sys
import time

import numpy as np

from symgen.bundle.bundle import Bundle
from symgen.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.evaluation.likelihood.network import network
from symgen.models.ngram.kneser_ney import NGram


def timed(what, call):
    begin = time.process_time()
    made = call()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 << (30 if sys.platform == "darwin" else 20)
    )
    print(f"{what:<44}{time.process_time() - begin:9.1f} s CPU, peak {peak:.2f} GB", flush=True)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset")
    parser.add_argument("bundle", nargs="?")
    parser.add_argument("--order", type=int, default=6)
    parser.add_argument("--pieces", type=int, default=0)
    parser.add_argument("--singles", action="store_true", help="also keep grams that occurred once")
    options = parser.parse_args()
    data = Dataset.open(options.dataset)
    train, half = timed("reading both splits", lambda: (data.half("train"), data.half("eval")))
    sizes = tuple(f.size for f in data.encoding.fields)
    for singles in (False, True) if options.singles else (False,):
        held = "all grams" if singles else "without single grams"
        model = timed(
            f"counting {train.total:,} events, order {options.order}",
            lambda singles=singles: NGram.fit(
                train.values, train.lengths, sizes, options.order, singles
            ),
        )
        orders = timed(
            f"scoring {half.total:,} events, all orders",
            lambda model=model: model.ladder(half.values, half.lengths),
        )
        nats = ", ".join(f"{k}: {-np.log(p).sum(1).mean():.4f}" for k, p in enumerate(orders, 1))
        grams = sum(len(level.grams) for field in model.fields for level in field)
        print(f"  {held}: {grams:,} grams; nats per event by order {nats}")
        del model, orders
    if options.bundle:
        some = range(min(options.pieces or len(half), len(half)))
        part = Split(
            half.encoding,
            [half.contexts[i] for i in some],
            half.lengths[list(some)],
            half.values[: half.ends[some[-1]]],
        )
        opened = Bundle.open(options.bundle)
        scored = timed(
            f"the network, {part.total:,} events in {len(part)} pieces",
            lambda: network(opened, part, threads=1),
        )
        print(f"  {scored.nats.sum(1).mean():.4f} nats per event")


if __name__ == "__main__":
    main()
