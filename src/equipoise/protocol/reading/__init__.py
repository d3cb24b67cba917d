"""The text of a protocol or mapping file → a tree with positions → a model, every fault a problem in its place."""
