"""The MusicXML writer."""
