"""How an estimator is built and bound, our own estimators, and those that correct another's probabilities."""
