"""What a report is written as: a page, a folder, sound."""
