"""One variable: its description, and t and rank tests."""
