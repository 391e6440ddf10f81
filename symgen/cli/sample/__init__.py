"""`symgen sample`: its options, its files and what it prints."""
