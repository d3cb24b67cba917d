"""Hand-set SVG: shapes, letters and colors, and plots of steps. Knows numbers and words, no trial.

The text of a figure stays text (found by search, read aloud, scaled by the reader) in the metrics of
Helvetica, which Arial, Nimbus Sans and Liberation Sans share; every place is computed from those widths.
A plotting library would measure with the fonts of this machine and draw with those of the reader's.
"""
