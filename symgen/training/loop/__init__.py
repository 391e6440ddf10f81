"""The training loop: batches, checkpoints, the journal and the scores."""
