"""ABC: tunes written as text, read by the ABC standard 2.1 as tunes in the wild use it."""
