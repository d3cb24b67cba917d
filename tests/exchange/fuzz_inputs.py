"""Damage the files of an import in every way a byte or a cell can be, and see that only problems come out.

Run many cases as ``PYTHONPATH=src:tests python -m exchange.fuzz_inputs 20000 1`` (cases, first seed).
Each case is its seed: one that fails can be run again alone.
"""

import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from equipoise.errors import InputError
from equipoise.exchange.adam import read_adam
from equipoise.exchange.facts import import_tables
from equipoise.log.codec import decode, encode
from equipoise.log.log import Log
from exchange import samples

LIMIT_SECONDS = 2.0
TOKENS = [
    "", "NA", "null", "~", "0", "-1", "1e999", "nan", "inf", "999999999999999999999", "0x1F", "1,5", "٣٤", "４５",
    "2020-02-30", "9999-12-31", "0000-01-01", "0001-01-01", "2020-13", "31/02/2020", "1582", "true", "yes", "a", "b",
    "death", "\u202e", "\x00", "\ufeff", "é" * 300, "x" * 70_000, "'", '"', "''", "=1+1", "`id`", "../../etc/passwd",
    "/dev/zero", "&a", "*a", "!!python/object:os.system", "[" * 200, "{" * 40, "- " * 60, "? ", "|", ">", "%TAG", "---",
    "id = id or", "1 = 1; drop table t", "case when id is null then true else false end", "(" * 300, "not " * 300,
    "cast(id as date)", "id like '%'", "\t", " " * 200, "#", "S-1", "1", "2", "Standard", "visit", "event", "patients.csv",
]  # fmt: skip


class Hang(BaseException):
    """A case took far too long; not an Exception, so that nothing catches it."""


def mutate_bytes(content, chance):
    """A few changes anywhere: flip, insert, delete, cut, repeat, overwrite."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(7)
        if kind == 0 and at < len(data):
            data[at] = chance.randrange(256)
        elif kind == 1:
            data[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice([1, 2, 80])))
        elif kind == 2:
            del data[at : at + chance.choice([1, 2, 80, 140])]
        elif kind == 3:
            del data[at:]
        elif kind == 4:
            data[at:at] = data[at : at + chance.choice([1, 10, 80, 140, 500])]
        elif kind == 5:
            data[at : at + 4] = chance.choice(
                [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"9999", b"    "]
            )
        else:
            data[at:at] = chance.choice(TOKENS).encode("utf-8", "surrogatepass")
    return bytes(data)


def mutate_header(content, chance):
    """Changes within the records before the data of a transport file, where its shape is said."""
    head, rest = content[: 80 * 8 + 140 * 12], content[80 * 8 + 140 * 12 :]
    return mutate_bytes(head, chance) + rest


def mutate_cells(content, chance):
    """Changes of a table that keep it a table: cells, names, rows."""
    separator = "\t" if b"\t" in content else ","
    lines = [line.split(separator) for line in content.decode().split("\n")]
    for _ in range(chance.choice([1, 1, 2, 4])):
        row = chance.choice(lines)
        at = chance.randrange(len(row))
        kind = chance.randrange(6)
        if kind <= 2:
            row[at] = chance.choice(TOKENS + chance.choice(lines))
        elif kind == 3:
            lines.insert(chance.randrange(len(lines)), list(row))
        elif kind == 4 and len(lines) > 2:
            lines.remove(row)
        else:
            chance.shuffle(row)
    return "\n".join(separator.join(row) for row in lines).encode("utf-8", "surrogatepass")


def mutate_words(content, chance):
    """Changes of a mapping that keep it YAML now and then: words, lines, indentation."""
    lines = content.decode().split("\n")
    for _ in range(chance.choice([1, 1, 2, 4])):
        at = chance.randrange(len(lines))
        kind = chance.randrange(6)
        if kind <= 2:
            words = lines[at].split(" ")
            others = " ".join(lines).split(" ")
            words[chance.randrange(len(words))] = chance.choice(
                [chance.choice(TOKENS), chance.choice(others)]
            )
            lines[at] = " ".join(words)
        elif kind == 3:
            lines[at] = " " * chance.randrange(9) + lines[at].strip()
        elif kind == 4:
            del lines[at]
            lines = lines or [""]
        else:
            lines.insert(at, chance.choice(lines))
    return "\n".join(lines).encode("utf-8", "surrogatepass")


SAMPLE = {"mapping.yaml": samples.MAPPING.encode(), "patients.csv": samples.PATIENTS.encode(),
          "visits.tsv": samples.VISITS.encode()}  # fmt: skip


def run_case(seed, folder):
    """Damage one file of a trial and import it; returns what came out, or raises what should not have."""
    chance = random.Random(seed)
    pilot = chance.random() < 0.4
    files = dict(samples.pilot_files() if pilot else SAMPLE)
    name = chance.choice(list(files))
    if name.endswith(".yaml"):
        mutate = chance.choice([mutate_bytes, mutate_words, mutate_words])
    elif name.endswith(".xpt"):
        mutate = chance.choice([mutate_bytes, mutate_header])
    else:
        mutate = chance.choice([mutate_bytes, mutate_cells, mutate_cells])
    files[name] = mutate(files[name], chance)
    (folder / "data").mkdir(exist_ok=True)
    for each, content in files.items():
        (folder / each).write_bytes(content)
    started = time.process_time()  # not the clock: other work on the machine is no fault of the import
    try:
        if pilot:
            frames = read_adam(samples.pilot_protocol(), folder / "mapping.yaml")
            assert frames.subjects.height > 0
            outcome = "read"
        else:
            imported = import_tables(samples.protocol(), folder / "mapping.yaml", samples.NOW, "fuzz")
            assert all(decode(encode(fact)) == fact for fact in Log(imported.entries))
            outcome = "imported"
    except InputError as error:
        assert error.problems, f"no problem in {error}"
        for problem in error.problems:
            assert str(folder) in problem.file, f"no file in {problem}"
            assert problem.found and problem.expected, f"an empty phrase in {problem}"
            assert len(str(problem)) < 4000, f"a message of {len(str(problem))} characters"
        outcome = type(error).__name__
    seconds = time.process_time() - started
    assert seconds < LIMIT_SECONDS, f"took {seconds:.1f} s"
    return outcome


def run_cases(cases, first_seed=0):
    """Run the cases; returns how often each outcome was, and (seed, error) of those that failed."""
    outcomes, failures = Counter(), []

    def hang(_signal, _frame):
        raise Hang

    signal.signal(signal.SIGALRM, hang)
    with tempfile.TemporaryDirectory() as name:
        for seed in range(first_seed, first_seed + cases):
            signal.setitimer(signal.ITIMER_REAL, 15 * LIMIT_SECONDS)
            try:
                outcomes[run_case(seed, Path(name))] += 1
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # a panic in a library is no Exception
                failures.append((seed, error))
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
    return outcomes, failures


def main():
    cases, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    started = time.perf_counter()
    outcomes, failures = run_cases(cases, seed)
    for failed, error in failures[:50]:
        print(f"seed {failed}: {type(error).__name__}: {str(error)[:300]}")
    print(
        f"{cases} cases in {time.perf_counter() - started:.0f} s: {dict(outcomes)}, {len(failures)} failures"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
