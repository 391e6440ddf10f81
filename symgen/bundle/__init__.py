"""The bundle, one file that holds a trained model: reading, writing, its card, making it small."""
