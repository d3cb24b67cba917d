"""Strategies for facts and logs, with days close to the cutoff: an error of one day shows at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from equipoise.log import facts as kinds
from equipoise.log.facts import Correction, SubjectFact
from equipoise.log.log import Cutoff, Log

DAY_0 = date(2020, 2, 27)  # a leap day follows
NOON = datetime(2020, 6, 1, 12, tzinfo=UTC)


def day(number: int) -> date:
    return DAY_0 + timedelta(number)


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def relapse(on: int = 0, at: int = 0, subject: str = "S1", **more: object) -> kinds.EventOccurred:
    """A relapse on a day, recorded at a minute."""
    return kinds.EventOccurred(
        subject_id=subject, occurred_on=day(on), recorded_at=minute(at), event="relapse", **more
    )


def correction(of: int, by: kinds.Fact | None, at: int = 0) -> Correction:
    return Correction(corrects=of, replacement=by, reason="misread", recorded_at=minute(at))


days = st.integers(0, 6).map(day)
cutoffs = st.builds(Cutoff, days)
# Codes, and every kind of text that JSON, files and terminals treat in their own way.
texts = st.sampled_from(
    ["", "a", "é", "é", '"', "\\", "\n", "\u2028", "\x00", "\x7f", "患者", "😀", "true", "1"]
) | (st.text(st.characters(exclude_categories=["Cs"]), max_size=4))
names = texts.filter(lambda text: bool(text.strip()))
values = st.one_of(
    st.booleans(),
    st.integers(-2, 2),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1.0, 5e-324, 1.7976931348623157e308, 0.1]),
    st.sampled_from(["1", "1.0", "true", "2020-01-31"]),
    texts,
    days,
)
_about = {
    "subject_id": st.sampled_from(["S1", "S2"]) | names,
    "occurred_on": days,
    "precision": st.sampled_from(["day", "month", "year"]),
    "recorded_at": st.integers(0, 6).map(minute) | st.just(NOON + timedelta(microseconds=1)),
    "recorded_by": texts,
}
facts: st.SearchStrategy[kinds.Fact] = st.one_of(
    st.builds(kinds.Registered, **_about, site=texts),
    st.builds(kinds.ItemRecorded, **_about, item=texts, value=values),
    st.builds(kinds.ItemRecorded, **_about, item=texts, unavailable=texts.filter(bool)),
    st.builds(
        kinds.Randomized,
        **_about,
        randomization=texts,
        arm=texts,
        stratum=st.dictionaries(texts, texts, max_size=2),
    ),
    st.builds(kinds.TreatmentStarted, **_about, arm=texts),
    st.builds(kinds.EventOccurred, **_about, event=texts, detail=texts),
    st.builds(
        kinds.AdverseEventRecorded,
        **_about,
        term=texts,
        category=texts,
        grade=st.none() | st.integers(1, 5),
        serious=st.none() | st.booleans(),
        related=texts,
        emergent=st.none() | st.booleans(),
        ended_on=st.none() | days,
    ),
    st.builds(kinds.FollowedUp, **_about),
    st.builds(
        kinds.StageEnded,
        **_about,
        stage=st.sampled_from(["screening", "treatment", "follow_up"]),
        completed=st.booleans(),
        reason=texts,
    ),
)


@st.composite
def entries(draw: st.DrawFn, max_size: int = 8) -> list[kinds.Fact | Correction]:
    """Entries of a log in the order of recording: facts, corrections, corrections of these, retractions."""
    drawn: list[kinds.Fact | Correction] = []
    at = 0
    in_force: dict[int, SubjectFact] = {}
    for position in range(1, draw(st.integers(0, max_size)) + 1):
        at += draw(st.integers(0, 1))
        if in_force and draw(st.booleans()):
            of = draw(st.sampled_from(sorted(in_force)))
            new = replace(in_force.pop(of), occurred_on=draw(days), recorded_at=minute(at))
            if draw(st.booleans()):
                in_force[position] = new
            drawn.append(correction(of, in_force.get(position), at))
        else:
            fact = replace(draw(facts), recorded_at=minute(at))
            in_force[position] = fact
            drawn.append(fact)
    return drawn


logs = entries().map(Log)
