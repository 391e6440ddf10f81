"""What changes the scores of a model before a value is drawn, one file each."""
