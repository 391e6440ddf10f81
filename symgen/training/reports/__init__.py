"""What a run says before and after its training."""
