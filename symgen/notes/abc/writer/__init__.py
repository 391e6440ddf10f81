"""Write ABC."""
