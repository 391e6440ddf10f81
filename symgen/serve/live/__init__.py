"""A listener's music: made block by block, a little ahead of what is heard, and kept for a while.

Nothing here knows of a server; a block is made in whatever thread asks for it.
"""
