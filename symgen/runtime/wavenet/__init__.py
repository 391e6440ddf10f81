"""The player of WaveNets: from its weights, one step in NumPy or many in one compiled loop."""
