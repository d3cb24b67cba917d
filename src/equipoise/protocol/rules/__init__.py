"""Rules: SQL boolean expressions over declared items, read, allow-listed and evaluated with three-valued logic."""
