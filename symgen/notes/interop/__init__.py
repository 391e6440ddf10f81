"""Conversion to and from the classes of other libraries."""
