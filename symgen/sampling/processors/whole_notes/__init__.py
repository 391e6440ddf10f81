"""The processors for encodings whose events are whole notes."""
