"""Tables of counts: tests, proportions, differences, odds ratios."""
