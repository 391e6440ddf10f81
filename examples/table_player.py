"""Play an n-gram bundle with only NumPy: compute its test vector again from its arrays.

python examples/table_player.py runs/ngram/best.symgen
"""

import io
import json
import sys
import zipfile

import numpy as np

USUAL = [0, 0.5, 1, 1.5]  # discounts of a count of 0, 1, 2, and 3 or more


def main(path):
    with zipfile.ZipFile(path) as archive:
        fields = json.loads(archive.read("bundle.json"))["fields"]
        sizes = [field["size"] for field in fields]
        test = np.load(io.BytesIO(archive.read("test.npz")))
        arrays = np.load(io.BytesIO(archive.read("tables.npz")))
        tables = [levels(arrays, field, sizes) for field in range(len(sizes))]
    steps, worst = [], 0.0  # the steps of the piece so far, each a list of tokens
    for t, chosen in enumerate(test["chosen"]):
        steps.append([])
        for field, value in enumerate(chosen.tolist()):
            past = context(steps, field, len(sizes), sum(sizes), len(tables[field]))
            given = distribution(tables[field], past, sizes[field])
            worst = max(
                worst,
                float(np.abs(np.log(given) - test[f"logits.{fields[field]['name']}"][t]).max()),
            )
            steps[-1].append(sum(sizes[:field]) + value)
    print(f"{len(test['chosen'])} steps, the logits differ by at most {worst:.2g}")
    return 0 if worst < 1e-3 else 1


def context(steps, field, fields, nothing, count):
    """Return the context of a value, nearest first.

    With one or two fields, it is the values before; with more, the same field and the same step.
    """
    own = steps[-1][::-1]
    if fields <= 2:
        found = own + [token for step in steps[-2::-1] for token in step[::-1]]
    else:
        same = [step[field] for step in steps[-2::-1]] or [nothing]
        found = same[:1] + own + same[1:]
    return (found + [nothing] * count)[:count]


def levels(arrays, field, sizes):
    """Return the tables of each context length.

    A table has the contexts as {(number of the shorter context, oldest token): number}, then for
    each context the probability that is left for shorter contexts, and its grams.
    """
    out, k = [], 0
    while f"{field}.{k}.used" in arrays.files:
        part = {
            name: arrays[f"{field}.{k}.{name}"].astype(np.int64)
            for name in ("oldest", "missing", "lengths", "values", "used", "lost")
        }
        parents = (
            np.repeat(np.arange(len(out[-1][1])), arrays[f"{field}.{k}.children"])
            if k
            else np.zeros(1, np.int64)
        )
        numbers = {
            pair: i
            for i, pair in enumerate(zip(parents.tolist(), part["oldest"].tolist(), strict=True))
        }
        taken = discounts(part["used"], int(part["lost"][0]))[np.minimum(part["used"], 3)]
        owner = np.repeat(np.arange(len(numbers)), part["lengths"])
        total = np.bincount(owner, part["used"], len(numbers)) + part["missing"]
        rests = (np.bincount(owner, taken, len(numbers)) + part["missing"]) / total
        ends = np.cumsum(part["lengths"])
        out.append(
            (
                numbers,
                rests,
                ends - part["lengths"],
                ends,
                part["values"],
                (part["used"] - taken) / total[owner],
            )
        )
        k += 1
    return out


def discounts(counts, lost):
    """Return the discounts of Chen and Goodman (1999), equation 17; `lost` more counts are 1."""
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(float)
    n[1] += lost
    if n[1:5].all():
        y = n[1] / (n[1] + 2 * n[2])
        made = [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)]
        if all(0 < d <= k for k, d in enumerate(made, 1)):
            return np.array([0, *made])
    return np.array(USUAL)


def distribution(table, past, size):
    """Return the probability of each value, from no context up to the longest known one."""
    given, number = np.full(size, 1 / size), 0
    for k, (numbers, rests, starts, ends, values, shares) in enumerate(table):
        if k:
            number = numbers.get((number, past[k - 1]))
            if number is None:
                break
        given = given * rests[number]
        given[values[starts[number] : ends[number]]] += shares[starts[number] : ends[number]]
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
