"""A recurrent network over frames of sound, and a small network for the samples of a frame."""
