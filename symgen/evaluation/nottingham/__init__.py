"""The protocol "nottingham": models of melody and chords beside published figures."""
