"""What a caller asks for, checked and put in order."""
