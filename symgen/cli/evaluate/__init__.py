"""`symgen evaluate`."""
