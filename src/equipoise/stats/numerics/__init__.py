"""What the statistics are computed with: tails and quantiles, elimination, roots."""
