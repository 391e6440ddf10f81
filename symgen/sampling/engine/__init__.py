"""The sampling loop and what it keeps of each stream."""
