"""The pages of reports, one file each."""
