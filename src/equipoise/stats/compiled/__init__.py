"""Kernels that numba compiles, each with a plain numpy reference next to what it serves; imported only for large data."""
