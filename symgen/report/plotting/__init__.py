"""Charts, drawn as SVG or PNG."""
