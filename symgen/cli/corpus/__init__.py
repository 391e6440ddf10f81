"""`symgen corpus`."""
