"""Models with a stated shape of hazard: cure, piecewise exponential."""
