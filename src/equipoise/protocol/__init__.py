"""What the trial says: the model, the rules, loading with positions. Knows no subject."""
