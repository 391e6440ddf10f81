"""The forms that a report is written in: a page, a folder, audio."""
