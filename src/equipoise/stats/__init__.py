"""Arrays in, numbers out: knows no trial. numpy and the standard library only.

Times are in one unit (days), at least 0; an event at time 0 is legal. ``event`` is True for an event.
A log-rank z is positive when it favors the experimental group. Every refused argument is a DataError.

Import from the modules: ``kaplan_meier`` and ``follow_up`` (curves), ``log_rank`` (tests), ``cox`` (models),
``descriptive`` (one variable), ``distributions`` (normal and chi-square tails). The others are their parts.
"""
