"""Sheets for sight reading: new music at a chosen level, for the hands of a pianist.

levels  what a level asks of the reader
hands   what the left hand plays
sheet   makes a sheet
"""

from __future__ import annotations

from symgen.practice.levels import LEVELS, Level
from symgen.practice.sheet import HANDS, Sheet, sheet

__all__ = ["HANDS", "LEVELS", "Level", "Sheet", "sheet"]
