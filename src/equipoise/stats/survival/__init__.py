"""Survival of one or more groups: curves, what is read off them, and tests between them."""
