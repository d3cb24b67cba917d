"""The end point at the analyst's hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from equipoise.datasets.derivation import derive
from equipoise.errors import DataError
from equipoise.log.log import Cutoff, Log
from equipoise.trial.trial import Trial
from small_trial import DAY_0, event, item, protocol, randomized, seen


@pytest.fixture
def trial() -> Trial:
    facts = [
        *(randomized(f"S{n}", "ab"[n % 2], 0) for n in range(8)), *(item(f"S{n}", "boy", n < 4) for n in range(8)),
        *(item(f"S{n}", "site", "bm" if n < 5 else "iem") for n in range(8)),
        *(event(f"S{n}", "death", 100 * n + 10) for n in range(0, 8, 3)), *(seen(f"S{n}", 900) for n in (1, 2, 4, 5, 7)),
    ]  # fmt: skip
    return Trial(protocol(), derive(protocol(), Log(facts).as_of(Cutoff(DAY_0 + timedelta(2000)))))


def test_a_survival_curve_at_hand(trial: Trial) -> None:
    curves = trial.endpoint("os").kaplan_meier(interval="plain", confidence_level=0.9)

    # Arm a: S0 died on day 10, S6 on day 610, S2 and S4 were seen on day 900.
    assert curves.at(1, 2).filter(arm="a")["survival"].to_list() == [0.75, 0.5]
    assert curves.median()["median"].to_list()[0] == 755.0  # flat at one half from 610 to 900: the midpoint
    assert curves.table().filter(arm="a")["time"].to_list() == [10.0, 610.0, 900.0]


def test_the_figure_is_svg_and_saved(trial: Trial, tmp_path: Path) -> None:
    figure = trial.endpoint("os").kaplan_meier().plot()

    figure.save(str(tmp_path / "os.svg"))

    text = (tmp_path / "os.svg").read_text()
    assert text.startswith("<svg")
    assert "Overall survival" in text
    assert figure._repr_svg_() == text


def test_side_and_sign_follow_the_names(trial: Trial) -> None:
    survival = trial.endpoint("os")

    forward, back = survival.log_rank("b", "a", sided=1), survival.log_rank("a", "b", sided=1)

    assert forward.z == pytest.approx(-(back.z or 0))
    assert (forward.p_value_one_sided or 0) + (back.p_value_one_sided or 0) == pytest.approx(1)


def test_the_control_of_the_protocol_is_the_default(trial: Trial) -> None:
    survival = trial.endpoint("os")

    assert survival.cox("b").hazard_ratio == survival.cox("b", "a").hazard_ratio


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: e.cox("c"), "experimental is 'c'; expected one of the arms a, b"),
        (lambda e: e.cox("a"), "experimental and control are both 'a'; expected two arms"),
        (lambda e: e.subset("boy", "yes"), "level is 'yes'; boy has true, false"),
    ],
)
def test_wrong_names_are_messages(trial: Trial, call: object, message: str) -> None:
    with pytest.raises(DataError) as failure:
        call(trial.endpoint("os"))  # type: ignore[operator]

    assert str(failure.value) == message


def test_a_statistic_that_is_not_there_names_those_that_are(trial: Trial) -> None:
    with pytest.raises(AttributeError, match="there are chi_square, df, z, p_value_two_sided"):
        _ = trial.endpoint("os").log_rank("b").hazard_ratio


def test_an_end_point_can_be_told_apart_by_a_factor_or_not_at_all(trial: Trial) -> None:
    """Boys are S0 to S3, of whom S0 and S3 died, on days 10 and 310; S6, a girl, died on day 610."""
    by_boy, everyone = trial.endpoint("os", by="boy"), trial.endpoint("os", by="")

    assert by_boy.kaplan_meier().at(1, 2)["survival"].to_list() == [0.5, 0.5, 1.0, 0.75]
    assert by_boy.kaplan_meier().median().columns[0] == "group"
    assert everyone.kaplan_meier().median()["group"].to_list() == ["overall"]
    assert by_boy.log_rank().df == 1
    assert "All patients" in (everyone.kaplan_meier().plot().svg)
    with pytest.raises(DataError, match="expected two or more"):
        everyone.log_rank()
    with pytest.raises(DataError, match="by='arm'"):
        by_boy.cox("b")


def test_reprs_hold_no_patient(trial: Trial) -> None:
    survival = trial.endpoint("os")
    shown = [repr(survival), repr(survival.kaplan_meier()), repr(survival.log_rank("b")), repr(trial)]

    assert not any("S0" in text or "S1" in text for text in shown)
