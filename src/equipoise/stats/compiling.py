"""When a compiled kernel serves: only where the data are large, so that nobody waits for a compiler over 208 rows.

Every kernel has a plain numpy form, which is the reference, and may have a form that numba compiles, in the room
``compiled``, imported on first use (half a second, and once a machine the compiler).
"""

from __future__ import annotations

from importlib.util import find_spec

# Rows from which a compiled form is used. Tests set it to 0 or to a number beyond any data.
SMALLEST = 10_000


def worthwhile(n: int, *, smallest: int | None = None) -> bool:
    """Whether n rows are worth a compiled kernel; depends on n alone, so that a result never depends on what ran before.

    >>> worthwhile(208)
    False
    """
    return n >= (SMALLEST if smallest is None else smallest) and find_spec("numba") is not None
