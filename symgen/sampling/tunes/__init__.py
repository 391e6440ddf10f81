"""Tunes on a grid of beats: forms, fixed parts, cadences, the plan and the finished sequence."""
