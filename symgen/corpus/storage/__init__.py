"""Where music is stored: folders and archives, read in place or unpacked."""
