"""The n-gram: counted in seconds, kept as arrays."""
