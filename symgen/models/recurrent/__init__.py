"""Recurrent networks: the Keras layers, their ONNX graphs, and what makes them fast."""
