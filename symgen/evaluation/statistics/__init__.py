"""Musical statistics of a set of pieces, and comparison of two sets."""
