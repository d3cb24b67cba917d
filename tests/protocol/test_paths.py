"""The path as a graph: what comes after what, against counting by hand and against every walk of small graphs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from equipoise.protocol import paths
from equipoise.protocol.definition import Branch, Step
from equipoise.protocol.load import parse_protocol
from protocol.planted_faults import TREATED

NAMES = [f"s{index}" for index in range(6)]


def graph(ways):
    """A path with these ways; what a step does is no matter of the graph."""
    return {
        name: Step(visit="v", next=tuple(Branch(to=to, when="boy") for to in after)) if after else Step(does="end")
        for name, after in ways.items()
    }  # fmt: skip


def walks(ways, begin, seen=()):
    """Every walk from a step that visits no step twice."""
    yield (*seen, begin)
    for to in ways.get(begin, ()):
        if to not in (*seen, begin):
            yield from walks(ways, to, (*seen, begin))


any_graph = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), unique=True, max_size=3), min_size=1).map(
    lambda ways: {name: [to for to in after if to in ways] for name, after in ways.items()}
)  # fmt: skip


@given(any_graph)
def test_what_is_reached_and_what_ends_are_those_of_every_walk(ways):
    path = graph(ways)
    every = list(walks(ways, next(iter(ways))))
    ends = {name for name, after in ways.items() if not after}

    assert paths.reachable(paths.successors(path), [next(iter(ways))]) == {walk[-1] for walk in every}
    assert set(paths.without_end(path)) == {
        name for name in ways if not any(walk[-1] in ends for walk in walks(ways, name))
    }


@given(any_graph)
def test_a_cycle_is_found_exactly_where_a_walk_comes_back(ways):
    path = graph(ways)
    back = {walk[0] for name in ways for walk in walks(ways, name) if walk[0] in ways[walk[-1]]}
    cycles = paths.cycles(path)

    assert bool(cycles) == bool(back)
    for cycle in cycles:  # each is one: every step leads to the next, the last to the first
        assert all(to in ways[step] for step, to in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        assert len(set(cycle)) == len(cycle)
    # and no step that comes back is left without one: its cycle shares a step with it, both ways
    for name in back:
        around = {step for walk in walks(ways, name) for step in walk}
        assert any(set(cycle) <= around for cycle in cycles)


@given(any_graph)
def test_steps_are_in_order_where_there_is_one(ways):
    path = graph(ways)
    entered = {walk[-1] for walk in walks(ways, next(iter(ways)))}
    order = paths.in_order(path)
    inner = {name: [to for to in after if to in entered] for name, after in ways.items() if name in entered}

    if paths.cycles(graph(inner)):
        assert order == []
    else:
        assert set(order) == entered
        assert all(order.index(name) < order.index(to) for name in inner for to in inner[name])


def test_every_way_on_counts():
    path = parse_protocol(TREATED).path

    assert paths.successors(path)["cycle_b"] == ["cycle_evaluated", "followed"]  # by deviation and by leaving
    assert paths.successors(path)["consented"] == ["registered", "ended"]  # by refusal
    assert paths.successors(path)["randomize_low"] == ["cycle_c", "cycle_d"]  # by arm
    assert paths.predecessors(path)["registered"] == ["consented"]
    assert paths.cycles(path) == [] and paths.without_end(path) == []


def test_what_is_on_record_after_visits():
    protocol = parse_protocol(TREATED)
    always = {"age", "site", "cr1"}  # collected at baseline

    assert paths.recorded(protocol, []) == always
    assert paths.recorded(protocol, ["end_of_block_1"]) == always | {
        "marrow_blasts_end_of_block_1",
        "mrd_end_of_block_1",
    }


def test_ways_to_steps_that_are_not_declared_are_left_out():
    path = {"a": Step(visit="v", next="nowhere")}

    assert paths.successors(path) == {"a": []}
    assert paths.without_end(path) == ["a"]
    assert paths.in_order({}) == []


def test_a_long_path_is_no_deep_one():
    ways = {f"s{index}": [f"s{index + 1}"] for index in range(3000)} | {"s3000": []}

    assert len(paths.in_order(graph(ways))) == 3001
    assert paths.cycles(graph(ways)) == []
