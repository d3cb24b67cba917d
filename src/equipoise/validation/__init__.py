"""The evidence that the statistics are right, shipped with the package and run on the user's own machine."""
