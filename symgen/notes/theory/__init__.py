"""Chords, keys, scales, meters and bars."""
