"""Charts, written as SVG or PNG."""
