"""Tunes on a grid of beats: forms, fixed parts, the plan and the finished sequence."""
