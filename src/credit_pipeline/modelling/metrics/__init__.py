"""How good an answer is, how sure that is, and whether two answers differ."""
