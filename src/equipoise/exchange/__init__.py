"""Tables of others → facts, or → the datasets of an analysis, as a mapping file says.

:mod:`equipoise.exchange.mapping` is the language; :mod:`equipoise.exchange.facts` imports tables as
facts; :mod:`equipoise.exchange.adam` reads ADaM data sets. Nothing is guessed, and nothing is half
imported: either every row is used, or RejectedData names every row that cannot be.
"""
