"""WaveNet: stacks of dilated causal convolutions, for long rows of small steps such as samples."""
