"""The encoding `notes`: one step a note."""

from symgen.encoding.notes.encoding import Notes

__all__ = ["Notes"]
