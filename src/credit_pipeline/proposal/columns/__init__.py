"""What each column of an unknown table is for, inferred from its name and its values."""
