"""Two sets of music compared by musical statistics."""
