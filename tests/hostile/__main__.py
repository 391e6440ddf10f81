"""Run every hostile file and bundle, and print what is not as it should be.

python -m tests.hostile [--corpora FOLDER] [--only shared,own,bundles] [NAME ...]
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.hostile.trial import PARTS, Trials

HERE = Path(__file__).parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of the names to run (all)")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every case")
    given = os.environ.get("SYMGEN_TEST_CORPORA", HERE.parent / "shared" / "corpora")
    parser.add_argument("--corpora", type=Path, default=given)
    asked = parser.parse_args()
    failed = 0
    for part in asked.only.split(","):
        with tempfile.TemporaryDirectory() as folder, Trials(Path(folder), asked.corpora) as trials:
            found = []
            for result in trials.run(part, asked.names):
                found.append(result)
                if result.wrong or asked.verbose:
                    print(result, flush=True)
        wrong = [result for result in found if result.wrong]
        failed += len(wrong)
        if found:
            print(
                f"{part}: {len(found)} tried, {len(found) - len(wrong)} as they should be, "
                f"{len(wrong)} failed; at most {max(r.cpu for r in found):.1f} s of processor "
                f"time, {max(r.seconds for r in found):.1f} s in all, "
                f"{max(r.peak for r in found):.0f} MB\n"
            )
        else:
            print(f"{part}: none here\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
