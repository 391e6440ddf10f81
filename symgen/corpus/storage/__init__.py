"""Where music lies: folders and archives, read in place or unpacked."""
