"""The order of parts that P: or Y: gives, such as ABA, A2B3 or ((AB)3.C)2."""

from __future__ import annotations

import re

LARGEST = 10_000  # parts of one tune

_TOKENS = re.compile(r"([A-Za-z])|(\()|(\))|(\d+)")


def expand(text: str) -> tuple[list[str], bool]:
    """Return the letters in the order of playing, and whether the brackets match; OverflowError past LARGEST.

    What is no letter, bracket or number is passed over.
    """
    stack: list[list[str]] = [[]]
    last: list[str] = []  # what a number would repeat; it stands at the end of the innermost list
    sound, total = True, 0
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
                sound = False
                continue
            last = stack.pop()
            stack[-1] += last
        elif count:
            times = int(count[:9])
            total += (times - 1) * len(last)
            if last and total <= LARGEST:
                del stack[-1][len(stack[-1]) - len(last) :]
                stack[-1] += last * times
            last = []
        if total > LARGEST:
            raise OverflowError
    sound = sound and len(stack) == 1
    return [letter for part in stack for letter in part], sound
