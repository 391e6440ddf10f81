"""The pages: of an evaluation, of a corpus."""
