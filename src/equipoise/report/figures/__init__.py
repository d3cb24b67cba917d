"""Figures: hand-set SVG from result rows, the same bytes on every machine (see ``drawing``)."""
