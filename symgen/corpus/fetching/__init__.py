"""Getting a corpus: download, verify, unpack."""
