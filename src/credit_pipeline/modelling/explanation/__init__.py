"""What a fitted model relies on, what moves single rows, for whom it errs: tables."""
