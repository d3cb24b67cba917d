"""Damage the shipped protocols at random: the reader must say what is wrong, and nothing else may happen.

    python tests/protocol/fuzz_protocol.py 50000 1      # how many files, which seed

Each file is read by ``load_protocol`` in a process with limited memory. Only ProtocolError may come out of
it, within two seconds, and each of its problems must say where it is and read like a sentence for people.
"""

from __future__ import annotations

import random
import re
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import equipoise
from equipoise.errors import Problem, ProtocolError
from equipoise.protocol.load import load_protocol

SECONDS = 2.0
MEGABYTES = 512
TRIALS = [
    *sorted((Path(equipoise.__file__).parent / "trials").glob("*/protocol.yaml")),
    Path(__file__).parent / "broken" / "base.yaml",
]

# What a reader of a message should never see: words of the libraries behind it, and phrases left empty.
JARGON = re.compile(
    r"Input should|\b(tuple|value_error|union|dict|is-instance|instance|NoneType|None|pydantic|ruamel|sqlglot|polars|"
    r"Traceback|ctx|validation|literal_error|literal\[|scalar|tokens?|node|constructor|regex|string|bool|float|Column|Literal|"
    r"Identifier|expression_type|Kind)\b|<class|<block|type=|\^\[|found found|\{\d|found ;|expected [.;]|  |Error\b"
)
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
SCALARS = (
    "~", "null", "true", "no", "on", "0", "-1", "1_000", "0x1F", "012", "0o17", "1e999", ".inf", "-.inf", ".nan", "9" * 40,
    "2020-02-30", "2020-01-31", "2020-01-31T10:00", "2020-01-31T10:00:00Z", "12:30:45", "''", '""', '"', "'", "[", "]", "{", "}",
    "[]", "{}", "[[[]]]", "{a: {b: {c: d}}}", "&a x", "*a", "<<", "<<: {a: 1}", "!!python/object:os.system x", "! x", "? a", "- ",
    "--- ", "...", "%YAML 1.1", "# ", "|", ">-", "@x", "`x`", "\t", "\ufeff", "\x00", "\x85", "\u2028", "\u202e", "é" * 50, "😀",
    '"\\ud800"', '"\\x00"', '"\\q"', "x" * 5000, "not stated", "age >= 'x'", "age", "age >", "lower(sex) = 'x'", "(" * 30, "not " * 50,
    "'a' = \"sex\"", "select 1; drop table x", "case when", "1/0 = 1", "age in (select 1)", "a: b: c", "${HOME}", "../../etc/passwd",
    "age = 99999999999999999999", "coalesce(age)", "$$x$$", "/* x", "-- x", "null = null", "sex in ()", "age between 1", "true",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "cp1252", "utf-7")


def _lines(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    what = chance.randrange(8)
    if what == 0:
        lines[at], lines[other] = lines[other], lines[at]
    elif what == 1:
        del lines[at : at + chance.randint(1, 4)]
    elif what == 2:
        lines.insert(other, lines[at])
    elif what == 3:
        lines[at] = " " * chance.randint(1, 3) + lines[at]
    elif what == 4:
        lines[at] = lines[at][chance.randint(1, 3) :]
    elif what == 5:
        lines[at] = "\t" + lines[at].lstrip()
    elif what == 6:
        lines[at : at + 4] = reversed(lines[at : at + 4])
    else:
        lines[at] = lines[at].upper() if chance.random() < 0.5 else lines[at].replace(": ", ":")
    return "\n".join(lines)


def _value(text: str, chance: random.Random) -> str:
    """Put something else where a value stands."""
    lines = text.split("\n")
    places = [index for index, line in enumerate(lines) if ": " in line]
    if not places:
        return text
    at = chance.choice(places)
    starts = [index for index in range(len(lines[at])) if lines[at].startswith((": ", "[", ", "), index)]
    start = chance.choice(starts) + 2
    end = min(
        (index for index in range(start, len(lines[at])) if lines[at][index] in ",}]"), default=len(lines[at])
    )
    lines[at] = lines[at][:start] + chance.choice(SCALARS) + lines[at][end:]
    return "\n".join(lines)


def _word(text: str, chance: random.Random) -> str:
    """Replace a name by another name of the file, or misspell it."""
    words = [word for word in text.replace(",", " ").replace(":", " ").split() if word.isidentifier()]
    if not words:
        return text
    one = chance.choice(words)
    other = chance.choice(words) if chance.random() < 0.6 else one[: len(one) // 2] + one[len(one) // 2 + 1 :]
    pieces = text.split(one)
    cut = chance.randrange(1, len(pieces)) if len(pieces) > 1 else 0
    return one.join(pieces[:cut]) + other + one.join(pieces[cut:]) if cut else text


def _characters(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    what = chance.randrange(4)
    if what == 0:
        return text[:at]
    if what == 1:
        return text[:at] + text[at + chance.randint(1, 30) :]
    if what == 2:
        return text[:at] + chance.choice(SCALARS) + text[at:]
    return text[:at] + chance.choice("[]{}:,-#&*!|>'\"%@`?\\ \n\r\t") * chance.randint(1, 3) + text[at:]


def damaged(chance: random.Random) -> bytes:
    """One damaged protocol file."""
    text = chance.choices(_TEXTS, _WEIGHTS)[0]
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        text = chance.choice((_lines, _value, _value, _word, _word, _characters))(text, chance)
    raw = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.06:
        at = chance.randrange(len(raw) + 1)
        raw = raw[:at] + chance.randbytes(chance.randint(1, 9)) + raw[at:]
    elif chance.random() < 0.03:
        raw = text.encode(chance.choice(ENCODINGS), "replace")
    elif chance.random() < 0.02:
        raw = raw.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"")))
    return raw


_TEXTS = [path.read_text(encoding="utf-8") for path in TRIALS]
_WEIGHTS = [1 / len(text) for text in _TEXTS]  # long files take long, and hold the same kinds of places


def fault_of(problem: Problem, raw: bytes) -> str:
    """What is wrong with a problem itself; empty if it is as it should be."""
    # What people wrote is shown in quotes, or is one of their names after "known:", and may hold any word.
    remedy = "known" if problem.remedy.startswith("known: ") else problem.remedy
    ours = QUOTED.sub("…", f"found {problem.found}; expected {problem.expected}. {remedy}")
    if jargon := JARGON.search(ours):
        return f"jargon {jargon[0]!r}"
    if not problem.file or not problem.found.strip() or not problem.expected.strip():
        return "nothing said"
    if problem.line is None or problem.column is None:
        return "no place"
    if not (1 <= problem.line <= raw.count(b"\n") + raw.count(b"\r") + 2 and problem.column >= 1):
        return "a place outside the file"
    if len(str(problem)) > 1500 or not str(problem).replace("\u200b", "").isprintable():
        return "too long, or not printable"
    return ""


def check(raw: bytes, path: Path) -> str:
    """Read one file; returns ``read``, ``problems``, or what went wrong."""
    path.write_bytes(raw)
    started = time.process_time()
    try:
        protocol = load_protocol(path)
    except ProtocolError as error:
        took = time.process_time() - started
        faults = [f"{fault}: {problem}" for problem in error.problems if (fault := fault_of(problem, raw))]
        if not error.problems:
            return "an error without problems"
        if list(error.problems) != sorted(error.problems, key=lambda one: (one.line or 0, one.column or 0)):
            faults.append("not in the order of the file")
        outcome = faults[0] if faults else "problems"
    except Exception:
        return f"an exception: {traceback.format_exc()}"
    else:
        took = time.process_time() - started
        outcome = "read" if len(protocol.hash) == 64 else "no hash"
    return outcome if took < SECONDS else f"{took:.1f} seconds"


def main(n: int, seed: int) -> Counter[str]:
    """Check ``n`` damaged files; prints and counts the outcomes, with an example of each fault."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "protocol.yaml"
        for number in range(n):
            raw = damaged(chance)
            outcome = check(raw, path)
            fault = outcome not in ("read", "problems")
            counts["faults" if fault else outcome] += 1
            if fault and counts["faults"] <= 20:
                kept = Path(tempfile.gettempdir()) / f"fuzz_protocol_{seed}_{number}.yaml"
                kept.write_bytes(raw)
                print(f"file {number} ({kept}): {outcome}", file=sys.stderr)
    return counts


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (8 * 1024**3, 8 * 1024**3))
    begun = time.perf_counter()
    result = main(int(sys.argv[1]), int(sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{dict(result)}, {time.perf_counter() - begun:.0f} s, at most {peak} MB")
    sys.exit(result["faults"] > 0 or peak > MEGABYTES)
