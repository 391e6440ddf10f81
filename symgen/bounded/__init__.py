"""Reading files of strangers: every size is checked before it is believed.

Nothing here runs or unpickles anything. What is wrong with a file is a DataError that names it, or
a ValueError where the caller knows the name.
"""
