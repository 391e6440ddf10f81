"""Which hand plays each note of a piano piece, and which voice of its staff has it."""
