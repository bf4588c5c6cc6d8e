"""From columns to the numbers a model sees: row-wise features, recipes, bins, weights of evidence."""
