"""Decisions about subjects, from the protocol's rules alone: nothing here knows a statistic."""
