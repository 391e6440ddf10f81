"""Writing ABC."""
