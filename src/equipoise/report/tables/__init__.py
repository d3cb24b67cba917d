"""Tables: frozen, with rounded words for people and unrounded rows for machines."""
