"""The encoding `performance`: note-ons, note-offs, time shifts and velocities in one field."""
