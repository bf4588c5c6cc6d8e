"""The search on shared folds, the final fit, and what is known of the model afterwards."""
