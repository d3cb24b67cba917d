"""The page of differences cannot go stale: its examples run, and every number in a column of ours is computed below its table."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "where-we-differ.md"
# A number of three or more significant digits, with the page's minus sign; two digits are counts, years and options.
NUMBER = re.compile(r"(?<![\w.])\d*\.\d+(?![\w.])|(?<![\w.])\d{3,}(?![\w.])")


def sections() -> list[tuple[str, str]]:
    """The subjects of the page with their text."""
    parts = re.split(r"^## (.*)$", PAGE.read_text(), flags=re.M)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def said_of_ours(section: str) -> list[str]:
    """The numbers in the columns "here" and "how to get theirs" of the section's tables."""
    rows = [
        re.split(r"(?<!\\)\|", line)[3:5]
        for line in section.splitlines()
        if line.startswith("| ") and section.count("how to get theirs")
    ]
    words = re.sub(r"`[^`]*`|day \d+|\d+/\d+|√\([^)]*\)", " ", " ".join(cell for row in rows for cell in row))
    return [number for number in NUMBER.findall(words) if significant(number) > 2]


def significant(number: str) -> int:
    return len(number.replace(".", "").lstrip("0"))


def computed(section: str) -> list[float]:
    """The numbers in the outputs of the section's examples."""
    outputs = " ".join(example.want for example in doctest.DocTestParser().get_examples(section))
    return [abs(float(number)) for number in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", outputs)]


def test_the_examples_run() -> None:
    failed, attempted = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )

    assert (failed, attempted > 80) == (0, True)


def test_every_number_of_ours_is_computed_in_its_section() -> None:
    missing = []
    checked = 0
    for heading, section in sections():
        found = computed(section)
        for number in said_of_ours(section):
            checked += 1
            # As many digits as the page shows, rounded from what the example shows.
            unit = 10.0 ** -len(number.partition(".")[2])
            if not any(abs(float(number) - value) <= 0.5001 * unit for value in found):
                missing.append(f"{heading}: {number}")

    assert checked > 80
    assert not missing, missing


def test_every_option_that_the_page_names_is_one_of_ours() -> None:
    import inspect

    from equipoise import stats

    known = {
        parameter for name in stats.HOME for parameter in inspect.signature(getattr(stats, name)).parameters
    }
    named = [
        option
        for _, section in sections()
        for line in section.splitlines()
        if line.startswith("| ")
        for cell in re.split(r"(?<!\\)\|", line)[4:5]
        for option in re.findall(r"(?:`|, )(\w+)=", cell)
    ]

    assert len(named) > 30
    assert set(named) <= known
