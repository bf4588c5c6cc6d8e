"""Input and output that the ecosystem lacks."""
