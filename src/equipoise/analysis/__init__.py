"""Planned comparisons → result rows, one row a statistic."""
