"""Reading and writing Standard MIDI Files."""
