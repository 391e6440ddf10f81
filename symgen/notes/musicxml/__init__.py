"""MusicXML: scores, plain or compressed, as they sound.

`document` unpacks and parses; `score`, `measures`, `attributes`, `directions` and `harmony` turn
elements into notes and events; `repeats` finds the order in which the score is played; `ties`,
`dynamics` and `sequence` make the piece. Times inside are whole units, of which a quarter note has
`Score.units`.
"""
