"""Tables and curves drawn: each figure asks a question and answers it."""
