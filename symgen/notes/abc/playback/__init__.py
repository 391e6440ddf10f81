"""What signs and directives do to the sound of a tune, and what is left out of it."""
