"""What the parts of a protocol say of one another: every inconsistency a problem, what is unwise a warning."""
