"""Fetch a corpus: download, verify, unpack."""
