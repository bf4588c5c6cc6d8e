"""From raw cells to typed rows: what must hold, which rows are set aside, how the target is built."""
