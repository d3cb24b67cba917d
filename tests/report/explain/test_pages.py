"""The page and the print: well-formed, accessible, escaped, the same each time."""

from __future__ import annotations

import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from shutil import which

import pytest

from equipoise.errors import DataError, InputError
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import load_protocol, parse_protocol
from equipoise.report.explain import pdf
from equipoise.report.explain.build import build
from equipoise.report.explain.document import Paragraph, Table, plain_text
from equipoise.report.explain.html import render_html
from equipoise.report.explain.pdf import render_pdf
from equipoise.report.explain.saying import Saying
from equipoise.report.explain.writing import write_explained
from equipoise.report.folder import publish
from equipoise.report.page import REPORT
from equipoise.trial.opening import PROTOCOL, shipped_trials
from report.explain.everything import EVERYTHING

# Markup of HTML, typst and SQL in a label; whatever is escaped wrongly breaks the page or the compiler.
HOSTILE = "#panic(1) $x$ *b* _i_ @ref <tag> & \\u{41} `raw` [c] {d} = h // c /* c */ ]]> “q” ~ - + 1."

M11 = (
    "Protocol Summary", "Introduction", "Trial Objectives and Associated Estimands", "Trial Design", "Trial Population",
    "Trial Intervention and Concomitant Therapy",
    "Participant Discontinuation of Trial Intervention and Discontinuation or Withdrawal from Trial",
    "Trial Assessments and Procedures",
    "Adverse Events, Serious Adverse Events, Product Complaints, Pregnancy and Postpartum Information, and Special "
    "Safety Situations",
    "Statistical Considerations", "Trial Oversight and Other General Considerations", "Appendix: Supporting Details",
    "Appendix: Glossary of Terms and Abbreviations", "Appendix: References",
)  # fmt: skip


@lru_cache
def everything() -> Protocol:
    return parse_protocol(EVERYTHING)


def hostile() -> Protocol:
    quoted = "'" + HOSTILE.replace("'", "''") + "'"
    text = EVERYTHING.replace("title: A trial of everything", f"title: {quoted}")
    text = text.replace("label: Residual disease,", f"label: {quoted},").replace(
        "[A first note., ", f"[{quoted}, "
    )
    return parse_protocol(text.replace("label: Block of induction,", f"label: {quoted},"))


class Reader(HTMLParser):
    """What a test wants of a page."""

    void = ("meta", "link", "br", "hr", "img", "col", "wbr", "path", "rect", "line", "circle")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.unclosed: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headers: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in given:
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given.get("href")))
        if tag == "th":
            self.headers.append(given)
        if tag not in self.void:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.void:
            return
        if self.stack and self.stack[-1] == tag:
            self.stack.pop()
        else:
            self.unclosed.append(tag)


def without(program: str) -> bool:
    """Whether a test is left out for want of a program: never in CI, where it fails instead."""
    return which(program) is None and os.environ.get("CI") is None


def page_of(name: str) -> Reader:
    protocol = everything() if name == "everything" else load_protocol(shipped_trials()[name] / PROTOCOL)
    return Reader(render_html(build(protocol, "0"), pdf="protocol.pdf"))


@pytest.mark.parametrize("name", ["everything", "intergroup0035", "aall1331"])
def test_a_page_is_well_formed_and_every_link_leads_somewhere(name: str) -> None:
    page = page_of(name)

    assert (page.stack, page.unclosed) == ([], [])
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert not [link for link in page.links if link.startswith(("http", "//"))]
    assert "script" not in page.tags


@pytest.mark.parametrize("name", ["everything", "intergroup0035", "aall1331"])
def test_headings_come_in_order_and_every_header_cell_has_its_scope(name: str) -> None:
    page = page_of(name)

    assert page.headings[0] == 1 and page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.headers and all(one.get("scope") in ("row", "col") for one in page.headers)


def test_the_sections_are_those_of_ich_m11() -> None:
    # ICH M11 template, step 4, 19 November 2025: titles and numbers of the first level.
    document = build(everything(), "0")

    assert tuple(section.title for section in document.sections) == M11
    assert [section.number for section in document.sections] == [str(number) for number in range(1, 15)]


def test_a_silent_section_says_that_the_file_is_silent() -> None:
    protocol = load_protocol(shipped_trials()["intergroup0035"] / PROTOCOL)
    sections = {section.number: plain_text(section) for section in build(protocol, "0").sections}

    for number in ("2", "7", "9"):
        assert sections[number].endswith("The protocol file says nothing about this."), number
    for number in ("1", "4", "8", "10"):
        assert "The protocol file says nothing about this." not in sections[number], number


def test_a_hostile_text_is_text() -> None:
    page = render_html(build(hostile(), "0"))

    assert HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in page
    assert "<tag>" not in page
    assert Reader(page).unclosed == []


def test_the_pdf_is_the_same_each_time_and_carries_no_clock() -> None:
    first, second = render_pdf(build(everything(), "0")), render_pdf(build(everything(), "0"))

    assert first == second
    assert b"CreationDate" not in first and b"ModDate" not in first


@pytest.mark.skipif(without("pdftotext"), reason="poppler is not installed")
def test_the_pdf_prints_hostile_text_and_every_section(tmp_path: Path) -> None:
    path = tmp_path / "protocol.pdf"
    path.write_bytes(render_pdf(build(hostile(), "0")))

    text = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    about = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    fonts = subprocess.run(
        ["pdffonts", path], capture_output=True, text=True, check=True
    ).stdout.splitlines()[2:]
    words = " ".join(text.split())

    assert "#panic(1) $x$ *b* _i_ @ref <tag> & \\u{41} `raw` [c] {d} = h // c /* c */ ]]>" in words
    assert "Tagged: yes" in " ".join(about.split()) and "Title: EVERY-1: " in " ".join(about.split())
    assert fonts and all(" yes yes yes " in " ".join(line.split()) for line in fonts)
    for title in ("Protocol Summary", "Statistical Considerations", "Appendix: References"):
        assert words.count(title) >= 2  # in the contents and at its place


@pytest.mark.skipif(without("pdfimages"), reason="poppler is not installed")
def test_drawings_are_vectors_in_the_pdf(tmp_path: Path) -> None:
    document = build(everything(), "0")
    path = tmp_path / "protocol.pdf"
    path.write_bytes(render_pdf(document))

    listed = subprocess.run(["pdfimages", "-list", path], capture_output=True, text=True, check=True).stdout

    assert list(document.figures())
    assert len(listed.splitlines()) == 2  # the two lines of the head: no raster image


def test_the_pdf_has_bookmarks() -> None:
    assert b"/Outlines" in render_pdf(build(everything(), "0"))


def test_letters_that_the_built_in_fonts_lack_are_borrowed_from_the_machine_or_named() -> None:
    protocol = everything().model_copy(update={"title": "白血病の試験"})

    try:
        made = render_pdf(build(protocol, "0"))
    except DataError as error:  # a machine without such a font
        assert re.search(r"no font of this machine has [白血病の試験]", str(error))
    else:
        assert made.startswith(b"%PDF")


def test_a_letter_that_no_font_has_is_an_error_that_names_it_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    protocol = everything().model_copy(update={"title": "白血病の試験"})
    monkeypatch.setattr(pdf, "_covered", lambda text: True)  # as on a machine without further fonts

    with pytest.raises(DataError, match=r"no font of this machine has 白.*--no-pdf"):
        render_pdf(build(protocol, "0"))


def schedules(protocol: Protocol) -> list[Table]:
    tables = [block for block in build(protocol, "0").blocks() if isinstance(block, Table)]
    return [table for table in tables if table.title.startswith("Schedule of activities")]


def test_the_schedule_marks_what_is_done_when_in_the_order_of_the_path() -> None:
    first, second = schedules(everything())
    rows = {plain_text(row[0]): [plain_text(cell) for cell in row[1:]] for row in first.rows}

    assert first.title == "Schedule of activities: to randomization"
    assert first.head == (
        "Activity",
        "Screening visit",
        "Main consent",
        "Block of induction (up to 3 times)",
        "End of block",
    )
    assert rows["Vital signs"] == ["●", "", "", ""]
    assert rows["Informed consent"] == ["", "●", "", ""]
    assert rows["Adverse events, counted by period (Section 9.2)"] == ["", "", "●", ""]
    assert rows["Residual disease"] == ["●", "", "", "●"]
    assert rows["Fit for therapy"] == ["●", "", "", ""]
    assert second.title == "Schedule of activities: Main randomization"
    assert second.head == ("Activity", "Randomization", "Cycle of therapy")
    given = {plain_text(row[0]): [plain_text(cell) for cell in row[1:]] for row in second.rows}
    assert given["First infusion (Drug one)"] == ["", "(●)"]  # who are three years old
    assert given["Drug two"] == ["", "●"]
    (section,) = [one for one in build(everything(), "0").walk() if one.number == "1.3"]
    said = plain_text(section)
    assert "Windows around the planned day: Screening visit, 3 days before to 5 days after." in said
    assert "Baseline data: Age; Sex; Consent day." in said
    assert "At any time: Remark of the physician; Death of any cause." in said


def test_a_schedule_of_many_visits_is_a_list() -> None:
    visits = "".join(
        f"  visit_{number}: {{label: Visit {number}, evaluates: [Blood]}}\n" for number in range(12)
    )
    protocol = parse_protocol(
        EVERYTHING.replace(
            "  end_of_block: {label: End of block}\n", f"  end_of_block: {{label: End of block}}\n{visits}"
        )
    )
    schedule = schedules(protocol)[0]

    assert schedule.head == ("When", "What is done, given or recorded")
    assert ["Visit 11", "Blood"] in [[plain_text(cell) for cell in row] for row in schedule.rows]
    assert len(schedule.rows) == 16  # two visits, twelve more, consent and course


def test_data_of_a_visit_that_are_many_share_a_row() -> None:
    shown = [
        plain_text(row[0])
        for row in schedules(load_protocol(shipped_trials()["aall1331"] / PROTOCOL))[0].rows
    ]

    assert [row for row in shown if row.startswith("Data of: ")]
    assert "Down syndrome" not in shown


def test_ordered_rules_say_that_they_are_ordered_and_what_unknown_does() -> None:
    protocol = load_protocol(shipped_trials()["aall1331"] / PROTOCOL)
    sections = {section.number: plain_text(section) for section in build(protocol, "0").walk()}

    for number in ("6.7.1", "8.11"):
        assert "The rules are ordered: the first that holds gives the class." in sections[number]
        assert "because a value is unknown, gives no class and lets no later rule apply." in sections[number]
    assert "Late relapses" in sections["6.7.1"]  # who may be left without a class, in the file's own words


def test_a_table_of_adverse_events_without_columns_is_of_everyone() -> None:
    protocol = parse_protocol(
        EVERYTHING.replace("      by: band\n      periods", "      by: null\n      periods")
    )

    assert "All treated ones; columns: everyone in one column" in plain_text(build(protocol, "0"))


def section(number: str, protocol: Protocol | None = None) -> str:
    (found,) = [one for one in build(protocol or everything(), "0").walk() if one.number == number]
    return plain_text(found)


def test_all_courses_stand_in_one_table_that_says_once_what_is_not_stated() -> None:
    said = section("6.3")

    assert (
        "29 days, then 6 days without treatment\nDetail of the block | everyone, before any randomization"
        in said
    )
    assert (
        "36 days | STD; NEW | First infusion (Drug one) | 15.5 mg/m2/day, at most 31.25 mg/m2/day, by vein"
        in said
    )
    assert "Drug two | days 1, 8, 15\nDose not stated" in said
    assert "Radiotherapy | not stated | Part of the plan; how it is done is not laid down here." in said
    assert said.count("route of Drug two (Cycle of therapy)") == 1


def test_treatments_of_which_the_same_is_said_share_a_row() -> None:
    more = "      second: {drug: drugtwo, days: [1, 8, 15]}\n      other: {drug: drugone, days: [1, 8, 15]}\n"
    protocol = parse_protocol(EVERYTHING.replace("      second: {drug: drugtwo, days: [1, 8, 15]}\n", more))

    assert "Drug two; drug one | days 1, 8, 15" in section("6.3", protocol)


def test_each_rule_has_one_number_and_stands_once_as_written() -> None:
    document = build(load_protocol(shipped_trials()["aall1331"] / PROTOCOL), "0")
    (rules,) = [block for block in document.blocks() if isinstance(block, Table) and block.title == "Rules"]
    numbers = [plain_text(row[0]) for row in rules.rows]
    written = [plain_text(row[1]) for row in rules.rows]
    read = set(re.findall(r"\bR\d+\b", "\n".join(map(plain_text, document.sections[:11]))))

    assert numbers == [f"R{number}" for number in range(1, len(numbers) + 1)]
    assert read == set(numbers)
    assert len(set(written)) == len(written)
    assert "risk_group = 'early_treatment_failure'" in written


def test_names_in_rules_are_told_once_and_only_where_they_do_not_tell_themselves() -> None:
    (table,) = [
        one
        for one in build(everything(), "0").blocks()
        if isinstance(one, Table) and one.title == "Names in rules"
    ]
    told = [tuple(plain_text(cell) for cell in row) for row in table.rows]

    # The rules read age, fit, mrd at a visit, risk, randomized, treated; two labels are as their names.
    assert told == [
        ("fit", "Fit for therapy", "risk", "Risk group"),
        ("mrd_…", "Residual disease, at the visit named", "", ""),
    ]


def test_the_text_of_the_sections_holds_no_code() -> None:
    document = build(load_protocol(shipped_trials()["aall1331"] / PROTOCOL), "0")
    text = "\n".join(map(plain_text, document.sections[:11]))

    assert not re.findall(r"\w+ (?:=|<>|<=|>=) '?\w+", text)


def test_what_the_language_assumes_is_listed_once_and_marked_nowhere() -> None:
    text = plain_text(build(everything(), "0"))

    assert "(default)" not in text
    assert "End points, time counted in | elapsed days (the day of origin is day 0)" in section("12.5")
    assert "Kaplan–Meier estimates, intervals | on the log-log scale" in section("12.5")
    assert "treatment-emergent" not in section("12.5")  # that is given


def test_only_who_was_randomized_is_counted_as_randomized() -> None:
    more = "  registered: {label: Everybody, require: registered_on is not null}\n"
    protocol = parse_protocol(EVERYTHING.replace("populations:\n", f"populations:\n{more}"))
    said = parse_protocol(
        EVERYTHING.replace("populations:\n", f"populations:\n{more}".replace("null}", "null, arm: planned}"))
    )

    assert "Counted by the arm as randomized: 2; as treated: 3." in section("10.2", protocol)
    assert "as randomized, as far as they were: 1; as randomized: 2; as treated: 3." in section("10.2", said)


def test_a_population_within_another_is_said_by_what_it_adds() -> None:
    within = "  old: {label: Old ones treated, require: treated and age < 90 and age > 60}\n"
    protocol = parse_protocol(EVERYTHING.replace("cutoffs:\n  final", f"{within}cutoffs:\n  final"))

    assert "Of “All treated ones”: age above 60 years" in section("10.2", protocol)


def test_reasons_for_leaving_that_are_not_stated_are_said_once() -> None:
    protocol = parse_protocol(
        EVERYTHING.replace(
            "treated: {course: cycle, next: watched}",
            "treated: {course: cycle, next: watched, leave: not stated, leave_to: watched}",
        )
    )

    assert "Why participants leave at these steps is not stated: 8." in section("4.1", protocol)


def test_a_step_says_how_often_it_is_done_in_a_row() -> None:
    for written, said in (
        ("[1, 3]", "Block of induction, course, 1 to 3 times in a row"),
        ("[1, 1]", "Block of induction, course, once"),
        ("not stated", "Block of induction, course, how often in a row: not stated"),
    ):
        protocol = parse_protocol(EVERYTHING.replace("times: [1, 3]", f"times: {written}"))
        assert f"\n4 | {said}\n" in section("4.1", protocol)


def test_another_way_on_says_whether_the_protocol_allows_it() -> None:
    row = "1 | Early treatment\nat: End of block | Age at least 14 years"
    assert row in section("11.10").replace("\u00a0", " ")
    assert "to Cycle of therapy | yes | As randomized there" in section("11.10")

    protocol = parse_protocol(EVERYTHING.replace("allowed: true, to: treated", "to: treated"))
    assert "Whether the protocol allows it is not stated: 1." in section("11.10", protocol)
    assert "that the protocol allows" not in plain_text(build(protocol, "0"))


def test_only_what_the_protocol_does_not_allow_is_called_a_deviation() -> None:
    titles = {
        written: [
            one.title
            for one in build(parse_protocol(EVERYTHING.replace("allowed: true, ", written)), "0").walk()
            if one.number == "11.10"
        ]
        for written in ("allowed: true, ", "", "allowed: false, ")
    }

    assert titles == {
        "allowed: true, ": ["Other Ways On"], "": ["Other Ways On"], "allowed: false, ": ["Protocol Deviations"],
    }  # fmt: skip


def test_a_reason_with_which_follow_up_ends_leads_to_the_end() -> None:
    # Step 4 leaves to follow-up, step 8; its one reason is final in the first file, and the other is not in the second.
    two = EVERYTHING.replace("leave: [toxic]", "leave: [gone, toxic]")
    two = two.replace("treatment: {toxic: Too toxic}", "treatment: {toxic: Too toxic, gone: Gone home}")
    none = EVERYTHING.replace("  final: [toxic]\n", "")

    assert "Leaves: Too toxic: to the end." in section("4.1")
    assert "Leaves: Too toxic: to the end; other reasons, to step 9: Gone home." in section(
        "4.1", parse_protocol(two)
    )
    assert "Leaves: Too toxic." in section("4.1", parse_protocol(none))
    assert "Reasons with which follow-up ends, too: Too toxic." in section("7")
    assert "to the end" not in section("4.1", parse_protocol(none))


def test_where_every_reason_leads_to_the_end_none_is_told_apart() -> None:
    protocol = parse_protocol(EVERYTHING.replace("leave_to: watched", "leave_to: over"))

    assert "Leaves: Too toxic." in section("4.1", protocol)


def test_what_the_language_assumes_of_adverse_events_stands_under_no_source() -> None:
    assumed = EVERYTHING.replace("  severe_from: 4\n", "")

    assert "Severe from | grade 4" in section("9.1")
    assert "Of the language" not in section("9.1")
    assert "Severe from |" not in section("9.1", parse_protocol(assumed))
    assert "Of the language, not of a source: severe from: grade 3." in section(
        "9.1", parse_protocol(assumed)
    )


def test_the_schedule_marks_what_is_not_of_everyone() -> None:
    some = EVERYTHING.replace(
        "[Vital signs, Chest film]", "['Vital signs', 'Biopsy, if the film is unclear']"
    )
    some = some.replace("collected: screening}", "collected: screening, unavailable: [not required]}")
    (first, _) = schedules(parse_protocol(some))
    rows = {plain_text(row[0]): [plain_text(cell) for cell in row[1:]] for row in first.rows}

    assert rows["Vital signs"] == ["●", "", "", ""]
    assert rows["Biopsy, if the film is unclear"] == ["(●)", "", "", ""]
    assert rows["Fit for therapy"] == ["(●)", "", "", ""]


def test_an_item_that_names_the_drug_of_one_arm_is_of_that_arm() -> None:
    # In jama_2021, blinatumomab is given in arm B alone of the two, and both have the visit at the end of a cycle.
    shown = schedules(load_protocol(shipped_trials()["aall1331"] / PROTOCOL))[1]
    rows = {plain_text(row[0]): {plain_text(cell) for cell in row[1:]} for row in shown.rows}

    assert rows["Blinatumomab dose reduced (Arm B)"] == {"(●)", ""}


def test_a_part_of_the_path_without_visits_or_periods_says_that_they_are_not_stated() -> None:
    _, second = schedules(everything())
    shown = [plain_text(row[0]) for row in second.rows]

    # The period of the file is of the block of induction, before the randomization, and no visit comes after it.
    assert "Adverse events, periods and terms: not stated" in shown
    assert "Visits and what they evaluate: not stated" in shown
    first = [plain_text(row[0]) for row in schedules(everything())[0].rows]
    assert not [row for row in first if "not stated" in row]


def test_a_course_that_is_given_again_has_one_column_with_the_number() -> None:
    again = EVERYTHING.replace(
        "treated: {course: cycle, next: watched}",
        "treated: {course: cycle, next: again}\n  again: {course: cycle, next: watched}",
    )
    skipped = again.replace(
        "treated: {course: cycle, next: again}",
        "treated: {course: cycle, next: [{to: again, when: age > 3}, {to: watched}]}",
    )

    assert schedules(parse_protocol(again))[1].head == (
        "Activity",
        "Randomization",
        "Cycle of therapy (2 times)",
    )
    assert schedules(parse_protocol(skipped))[1].head[2] == "Cycle of therapy (up to 2 times)"


def test_the_glossary_has_what_the_file_spells_out() -> None:
    spelled = EVERYTHING.replace(
        "Nobody knows whether it helps.", "Minimal residual disease (MRD) tells (ABC)."
    )
    said = section("13", parse_protocol(spelled))

    assert "MRD | Minimal residual disease" in said
    assert "TWD | Time without disease" in said
    assert "ABC" not in said


def test_roles_and_kinds_are_told_apart() -> None:
    assert "Late death" in section("3.4") and "Late clearance" in section("3.4")
    assert "Seen again" not in section("3") and "Seen again" in section("10.8.2")
    kinds = section("9.2")
    places = [kinds.index(text) for text in (
        "Adverse events of special interest", "Fever without cause", "Adverse events known of the treatment",
        "Liver toxicity", "Composites of several terms", "Rash of any kind",
    )]  # fmt: skip
    assert places == sorted(places)


def test_analyses_that_differ_in_the_end_point_alone_share_a_row() -> None:
    more = "  also: {label: Analysis of death, endpoint: late, population: itt, by: band, cox: null, log_rank: null}\n"
    more += "  too: {label: Analysis of death again, endpoint: late, population: itt, by: band, cox: null, log_rank: null}\n"
    protocol = parse_protocol(EVERYTHING.replace("proportions:\n", f"{more}proportions:\n", 1))

    assert (
        "1 | Analysis of death (end point: Late death)\nAnalysis of death again (end point: Late death) | All randomized ones"
        in section("10.8.1", protocol)
    )


def test_one_paragraph_says_where_several_rows_are_from() -> None:
    assert Saying(everything()).sources([("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"), ("5", None)]) == (
        Paragraph(("Sources. ", "1–3: ", "a", ".", " ", "4: ", "b", "."), "source"),
    )


def test_the_folder_holds_page_print_and_drawings(tmp_path: Path) -> None:
    written = write_explained(everything(), tmp_path / "out", version="0")

    assert written.page.read_text().startswith("<!DOCTYPE html>")
    assert written.pdf is not None and written.pdf.read_bytes().startswith(b"%PDF")
    drawings = sorted((tmp_path / "out" / "figures").iterdir())
    assert drawings
    for path in drawings:
        ElementTree.parse(path)
    assert sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file()) == sorted(written.files)


def test_a_second_run_replaces_the_first_and_removes_what_it_no_longer_writes(tmp_path: Path) -> None:
    write_explained(everything(), tmp_path / "out", version="0")
    (tmp_path / "out" / "notes.txt").write_text("mine")

    write_explained(everything(), tmp_path / "out", version="0", pdf=False)

    assert not (tmp_path / "out" / "protocol.pdf").exists()
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_of_somebody_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "protocol.pdf").write_bytes(b"the signed protocol")

    with pytest.raises(InputError, match="did not write"):
        write_explained(everything(), tmp_path, version="0")

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [
        ("protocol.pdf", b"the signed protocol")
    ]


def test_a_report_does_not_replace_an_explained_protocol(tmp_path: Path) -> None:
    write_explained(everything(), tmp_path / "out", version="0", pdf=False)
    before = (tmp_path / "out" / "index.html").read_bytes()

    with pytest.raises(InputError, match="a file that equipoise report did not write"):
        publish({"index.html": "a report"}, tmp_path / "out", REPORT)

    assert (tmp_path / "out" / "index.html").read_bytes() == before
