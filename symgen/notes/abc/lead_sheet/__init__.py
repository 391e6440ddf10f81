"""Chord symbols set into the text of a tune as its author wrote it."""

from symgen.notes.abc.lead_sheet.sheet import LeadSheet as LeadSheet
from symgen.notes.abc.lead_sheet.sheet import lead_sheet as lead_sheet
