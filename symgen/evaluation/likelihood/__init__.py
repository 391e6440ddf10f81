"""The likelihood of held-out music under a model, compared with baselines."""
