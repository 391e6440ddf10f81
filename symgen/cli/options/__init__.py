"""Options and file names that several commands share."""
