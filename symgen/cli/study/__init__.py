"""Commands for who listens and practises: play, serve, practice."""
