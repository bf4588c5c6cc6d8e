"""Raw tables, read whole and without guessing, from a disk, an address or a database."""
