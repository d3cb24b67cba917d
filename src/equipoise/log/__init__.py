"""What happened: the facts, the log, its cutoffs and snapshots. Knows no protocol."""
