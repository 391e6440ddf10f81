"""The protocol "nottingham": models of melody and chords compared with published figures."""
