"""Whatever is done to the bytes of an input, only problems come out of an import, and soon."""

from exchange import fuzz_inputs


def test_damaged_inputs_give_problems_and_nothing_else():
    outcomes, failures = fuzz_inputs.run_cases(1_200)

    assert failures == []
    # The damage must be of every kind: deep enough to reach the rows, mild enough to pass now and then.
    assert min(outcomes[name] for name in ("MappingError", "RejectedData", "imported", "read")) > 40, outcomes
