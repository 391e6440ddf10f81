"""Recordings: read in blocks, measured, compared and cut into tracks.

Sound is float32 [frames, channels], with full scale at 1. Nothing here holds a whole recording.
"""
