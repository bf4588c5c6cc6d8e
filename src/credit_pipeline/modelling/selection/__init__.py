"""Which model wins, by how much, at what cost, and whether it may be champion."""
