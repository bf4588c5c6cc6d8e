"""`kedro use-case new`: look at a table that nobody has described and write `conf/<name>`."""
