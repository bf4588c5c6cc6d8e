"""Files that appear whole or not at all, and the record of each run on the disk."""
