"""A fitted model asked about rows: its answers, the points of a scorecard, the cut-off, their stability."""
