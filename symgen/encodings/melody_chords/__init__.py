"""The encoding `melody_chords`: a melody and the chord under it on a grid of beats."""
