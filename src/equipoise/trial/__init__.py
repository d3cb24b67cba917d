"""The statistician's way in from Python: open a trial, take an end point, test, model, plot, report."""
