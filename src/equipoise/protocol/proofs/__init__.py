"""What must be true of a protocol for every patient that it allows, proved by an SMT solver or shown on a patient."""
