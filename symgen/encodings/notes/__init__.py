"""The encoding `notes`: one step a note."""

from symgen.encodings.notes.encoding import Notes

__all__ = ["Notes"]
