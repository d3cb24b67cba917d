"""Competing risks and several states."""
