"""What a caller asks for, checked and complete."""
