"""Train, test and folds, and the proof that nothing leaks between them."""
