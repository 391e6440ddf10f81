"""The soundfont player: SF2 files to sound, in NumPy."""
