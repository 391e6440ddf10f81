"""Placeholder until the notes room lands transform."""
