"""What everything uses and nothing is about: array types, hashes of content, objects by dotted path."""
