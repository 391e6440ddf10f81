"""Running a trained model: players, and scores of music through any of them."""
