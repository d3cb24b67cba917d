"""Random text against the allow-list of the rule language: a problem, or a rule of allowed parts; nothing else, and soon.

    PYTHONPATH=tests .venv/bin/python verification/rules_allow_list.py 1000000 1

Arguments: how many texts, the seed. A text that compiles is read again by the parser alone and its tree is
compared with a list that stands here; so is what polars is asked to do, in its own words. Exit status 1 if
any text raised another exception, took more than a second, or compiled to something that is on no list.
"""

from __future__ import annotations

import json
import random
import sys
import time
import warnings
from collections import Counter
from typing import Any

import polars as pl
import sqlglot

from equipoise.protocol.rules.rule import Rule, RuleProblem, compile_rule
from protocol.expressions import COLUMNS, FUNCTIONS, draw, rows, write

CHOICES = {"sex": ("f", "m", "", "it's", "é")}
SECONDS = 1.0  # of processor time, for one text

NODES = {
    "Paren", "Column", "Identifier", "Literal", "Boolean", "Null", "And", "Or", "Not", "Add", "Sub", "Mul", "Neg",
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "In", "Between", "Is", "Coalesce", "Case", "If", "Cast", "DataType", "Anonymous",
}  # fmt: skip
OPERATORS = {
    "And",
    "Or",
    "Plus",
    "Minus",
    "Multiply",
    "Eq",
    "NotEq",
    "Lt",
    "LtEq",
    "Gt",
    "GtEq",
    "EqValidity",
}
CALLS = [
    "Coalesce", "Negate", {"Boolean": "Not"}, {"Boolean": "IsNull"},
    {"TemporalExpr": "Year"}, {"TemporalExpr": "Month"}, {"TemporalExpr": "Day"},
]  # fmt: skip
CASTS = ("Float64", "Int64", "Int32")

WORDS = (
    *COLUMNS, *FUNCTIONS, "and", "or", "not", "is", "null", "in", "between", "case", "when", "then", "else", "end", "coalesce", "true",
    "false", "unknown", "date", "'2020-01-31'", "'f'", "''", "0", "1", "2.5", "1e3", ".5", "1_000", "0x1F", "(", "(", ")", ")", ",", "=", "<>",
    "!=", "<", "<=", ">", ">=", "+", "-", "*",
)  # fmt: skip
HOSTILE = (
    "/", "%", "||", "::", "::int", "::text", "::date", ";", "--", "/*", "*/", "'", '"', "`", "$$", "$1", ":x", "?", "@x", "@@x", "#", "~", "^",
    "&", "|", "<<", ">>", "->", "->>", "#>", "@>", "<@", "?|", "!", "!!", ".", "..", ":", ":=", "=>", "[", "]", "{", "}", "[1]", "{fn ", "{d ",
    "{{ x }}", "{% x %}", "\\", "\0", "\n", "\r", "\t", "\u00a0", "\u2028", "\ufeff", "‘", "é", "😀", "\ud800", "select", "select 1", "(select 1)",
    "(select age from subject)", "exists (select 1)", "from", "from subject", "where", "group by age", "order by age", "having", "limit 1",
    "union select 1", "intersect", "with x as (select 1)", "insert into x values (1)", "update x set y = 1", "delete from x", "drop table x",
    "create table x (y int)", "alter table x", "truncate x", "grant all", "copy x to 'y'", "set x = 1", "pragma x", "attach 'x'", "call x()",
    "execute x", "begin", "commit", "explain", "vacuum", "load 'x'", "as x", "as int", "over ()", "over (partition by age)", "filter (where boy)",
    "within group (order by age)", "distinct", "distinct from", "all", "any", "some", "array[1]", "array", "row(1)", "values (1)", "lateral", "unnest(age)",
    "like 'f'", "ilike 'f'", "similar to 'f'", "~ 'f'", "rlike 'f'", "glob 'f'", "escape 'x'", "collate \"C\"", "at time zone 'x'", "interval '1 day'",
    "timestamp '2020-01-01'", "time '10:00'", "current_date", "current_timestamp", "current_user", "localtime", "now()", "cast(age as int)",
    "cast(sex as date)", "try_cast(age as int)", "convert(age, int)", "extract(year from born)", "date_trunc('month', born)", "date_part('year', born)",
    "age(born, seen)", "lower(sex)", "upper(sex)", "length(sex)", "substring(sex from 1 for 2)", "trim(both 'x' from sex)", "position('f' in sex)",
    "overlay(sex placing 'x' from 1)", "concat(sex, site)", "replace(sex, 'f', 'm')", "regexp_replace(sex, 'f', 'm')", "to_date('x', 'y')",
    "datediff(born, seen)", "months_between(born, seen)", "make_date(1, 2, 3)", "abs(age)", "round(weight)", "floor(weight)", "power(age, 9)", "mod(age, 2)",
    "greatest(age, 1)", "least(age, 1)", "nullif(age, 1)", "ifnull(age, 1)", "nvl(age, 1)", "if(boy, 1, 2)", "iif(boy, 1, 2)", "decode(age, 1, 2)",
    "sum(age)", "count(*)", "avg(age)", "max(age)", "min(age)", "array_agg(age)", "string_agg(sex, ',')", "row_number() over ()", "lag(age)", "random()",
    "pg_sleep(1)", "pg_read_file('x')", "version()", "nextval('x')", "generate_series(1, 9)", "xmlparse(content 'x')", "json_object('a': 1)",
    "json_extract(sex, '$')", "grouping(age)", "x(1)", "x.y(1)", "a.b.c", "subject.age", "subject.*", "*", "U&'f'", "E'f'", "N'f'", "b'1'", "x'1F'",
    "r'f'", "e'\\''", "symmetric", "asymmetric", "overlaps", "match", "isnull", "notnull", "is json", "is document", "of", "variadic age", "default",
    "completed_months(distinct born, seen)", "completed_months(born, (select seen))", "days_between(born, now())", '"days_between"(born, seen)',
    "completed_years(born, seen) over ()", "x.days_between(born, seen)", "days_between(born)", "days_between(*)", "completed_months(born := seen, born)",
)  # fmt: skip


def texts(chance: random.Random) -> str:
    """A text: noise, words in any order, or a valid rule that has been spoiled."""
    drawn = chance.random()
    if drawn < 0.07:
        return bytes(chance.randrange(256) for _ in range(chance.randint(0, 40))).decode("latin-1")
    if drawn < 0.12:
        return "".join(chr(chance.randrange(0x11000)) for _ in range(chance.randint(1, 20)))
    if drawn < 0.30:
        return " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, 16)))
    if drawn < 0.42:
        return " ".join(
            chance.choice(WORDS if chance.random() < 0.7 else HOSTILE) for _ in range(chance.randint(1, 12))
        )
    if drawn < 0.4205:  # the same again and again, up to the limit of length and beyond
        again = "".join(f"{chance.choice(WORDS + HOSTILE)} " for _ in range(chance.randint(1, 3)))
        return (again * (4100 // len(again)))[: chance.randint(500, 4100)]
    text = write(
        draw(chance, chance.choice(("truth", "truth", "number", "text", "date")), chance.randint(1, 3)),
        chance,
    )[:600]
    for _ in range(chance.randint(1, 3)):
        text = _spoiled(text, chance)
    return text


def _spoiled(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    to = min(len(text), at + chance.choice((0, 0, 0, 1, 1, 3, 9, 30)))
    drawn = chance.random()
    if drawn < 0.15:
        return text[:at] + text[to:]
    if drawn < 0.25:
        return text[:at] + text[at:to] * 2 + text[to:]
    if drawn < 0.35:
        return text[:at] + chr(chance.randrange(0x300)) + text[to:]
    if drawn < 0.45:  # one word in the place of another
        words = text.split(" ")
        words[chance.randrange(len(words))] = chance.choice(HOSTILE + WORDS)
        return " ".join(words)
    if drawn < 0.55:
        return (
            f"{chance.choice(HOSTILE)} {text}"
            if chance.random() < 0.5
            else f"{text} {chance.choice(HOSTILE)}"
        )
    if drawn < 0.6:
        return text.replace(
            chance.choice(("age", "born", "sex", "=", "and", "(", ",")), chance.choice(HOSTILE), 1
        )
    return f"{text[:at]} {chance.choice(HOSTILE if chance.random() < 0.5 else WORDS)} {text[to:]}"


def outside(rule: Rule) -> str | None:
    """What in a compiled rule is on no list; None if nothing is."""
    for node in sqlglot.parse_one(f"select {rule.text}\n", dialect="postgres").expressions[0].walk():
        name = type(node).__name__
        if name not in NODES:
            return f"the node {name}"
        if name == "Anonymous" and (str(node.this).lower() not in FUNCTIONS or len(node.expressions) != 2):
            return f"the function {node.this}"
        if name == "Cast" and (node.args["to"].sql() != "DATE" or not node.this.is_string):
            return f"the cast {node}"
        if name == "Column" and (node.name not in COLUMNS or len(node.parts) != 1):
            return f"the column {node}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # polars says that this form may change
        asked = json.loads(rule.expression.meta.serialize(format="json"))
    return _asked(asked)


def _asked(part: dict[str, Any]) -> str | None:
    """What polars is asked to do that is on no list."""
    [(name, of)] = part.items()
    if name == "Column":
        return None if of in COLUMNS else f"the column {of}"
    if name == "Literal":
        value = of.get("Scalar") or of.get("Dyn")
        return (
            None
            if value
            and set(value)
            <= {"Int64", "Int", "Int32", "Float64", "Float", "String", "Boolean", "Date", "Null"}
            else f"{of}"
        )
    if name == "BinaryExpr" and of["op"] in OPERATORS:
        return _asked(of["left"]) or _asked(of["right"])
    if name == "Ternary":
        return _asked(of["predicate"]) or _asked(of["truthy"]) or _asked(of["falsy"])
    if name == "Cast" and of["dtype"] in [{"Literal": dtype} for dtype in CASTS]:
        return _asked(of["expr"])
    if name == "Function" and of["function"] in CALLS:
        return next((found for one in of["input"] if (found := _asked(one))), None)
    return json.dumps(part)[:200]


def main(count: int, seed: int) -> int:
    """Try ``count`` texts; returns the exit status."""
    chance, table = random.Random(seed), rows(random.Random(0), 2)
    frame = pl.DataFrame({name: [row[name] for row in table] for name in COLUMNS}, schema=COLUMNS)
    seen: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    started, longest, faults = time.monotonic(), 0.0, 0
    for number in range(1, count + 1):
        text, rule, wrong = texts(chance), None, None
        before = time.process_time()
        try:
            rule = compile_rule(text, COLUMNS, CHOICES, "any")
            rule.evaluate(frame)
        except RuleProblem as problem:
            said = problem.found and problem.expected and 0 <= problem.offset <= len(text)
            wrong = None if said else "a problem without its place or words"
        except BaseException as error:  # whatever it is, it is what is looked for
            wrong = f"{type(error).__name__}: {error}"
        took = time.process_time() - before
        longest = max(longest, took)
        if wrong is None and took > SECONDS:
            wrong = f"{took:.1f} s"
        if wrong is None and rule is not None:
            wrong = outside(rule)
        seen["compiled" if rule is not None else "refused"] += 1
        if rule is not None:
            kinds[rule.kind] += 1
        if wrong is not None:
            faults += 1
            print(f"seed {seed}, text {number}: {text!r}: {wrong}", flush=True)
        if number % 100_000 == 0:
            print(f"{number:,} texts, {time.monotonic() - started:.0f} s", flush=True)
    print(
        f"{count:,} texts: {seen['refused']:,} refused, {seen['compiled']:,} compiled ({dict(kinds)}), "
        f"{faults} faults, the longest took {1000 * longest:.0f} ms"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
