"""What a dataset is on disk: its manifest, the shards, and what both may hold."""
