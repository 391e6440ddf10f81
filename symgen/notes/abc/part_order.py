"""Expand the order of parts in P: or Y:, such as ABA, A2B3 or ((AB)3.C)2."""

from __future__ import annotations

import re

MOST_PARTS = 10_000  # of one tune

_TOKENS = re.compile(r"([A-Za-z])|(\()|(\))|(\d+)")


def expand(text: str) -> tuple[list[str], bool]:
    """Return the letters in the order of playing, and whether the brackets match.

    Other characters are ignored. Raises OverflowError above MOST_PARTS.
    """
    stack: list[list[str]] = [[]]
    last: list[str] = []  # what a number repeats; it is at the end of the innermost list
    matched, total = True, 0
    for letter, opened, closed, count in _TOKENS.findall(text):
        if letter:
            last = [letter]
            stack[-1] += last
            total += 1
        elif opened:
            stack.append([])
            last = []
        elif closed:
            if len(stack) == 1:
                matched = False
                continue
            last = stack.pop()
            stack[-1] += last
        elif count:
            times = int(count[:9])
            total += (times - 1) * len(last)
            if last and total <= MOST_PARTS:
                del stack[-1][len(stack[-1]) - len(last) :]
                stack[-1] += last * times
            last = []
        if total > MOST_PARTS:
            raise OverflowError
    matched = matched and len(stack) == 1
    return [letter for part in stack for letter in part], matched
