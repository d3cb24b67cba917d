"""The page: self-contained, accessible, escaped, the same bytes each time; and its folder."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.analysis.results import Result, Results
from equipoise.errors import InputError
from equipoise.report.page import ReportFiles, write_report
from report import sample

VOID = {"meta", "br", "wbr", "col", "link", "img"}


class Page(HTMLParser):
    """Collects elements, and checks that tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.stack: list[str] = []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    folder = tmp_path_factory.mktemp("report") / "out"
    return write_report(
        sample.protocol(), sample.results(), sample.provenance(), folder, published=sample.published()
    )


@pytest.fixture(scope="module")
def page(written: ReportFiles) -> Page:
    return Page(written.page.read_text(encoding="utf-8"))


def test_the_page_asks_for_nothing_from_elsewhere(page: Page) -> None:
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "img", "link", "iframe", "object"})
    for _, attributes in page.elements:
        assert "src" not in attributes
        href = attributes.get("href")
        assert href is None or href.startswith(("#", "tables/", "figures/", "results.parquet"))
        assert not any(name.startswith("on") for name in attributes)


def test_every_link_leads_somewhere(written: ReportFiles, page: Page) -> None:
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]

    assert [name for name, many in Counter(identifiers).items() if many > 1] == []
    for attributes in page.all("a"):
        href = attributes["href"] or ""
        assert href[1:] in identifiers if href.startswith("#") else (written.folder / href).is_file()
    for _, attributes in page.elements:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in identifiers


def test_landmarks_headings_and_tables_are_marked_up(page: Page) -> None:
    for tag in ("h1", "main", "nav", "header", "footer"):
        assert len(page.all(tag)) == 1, tag
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("a")[0]["href"] == "#main"
    assert len(page.all("caption")) == len(page.all("table")) > 8
    assert all(attributes.get("scope") for attributes in page.all("th"))
    assert len(page.all("figcaption")) == len(page.all("figure")) == len(page.all("svg"))
    regions = [attributes for attributes in page.all("div") if attributes.get("role") == "region"]
    assert len(regions) == len(page.all("table")) + len(page.all("svg"))
    assert all(region["tabindex"] == "0" and region["aria-labelledby"] for region in regions)


def test_headings_do_not_skip_a_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]

    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_synthetic_patients_are_announced_and_only_they(written: ReportFiles, tmp_path: Path) -> None:
    real = write_report(
        sample.protocol(), sample.results(), sample.provenance(synthetic=False), tmp_path / "r"
    )

    assert "Synthetic patients" in written.page.read_text(encoding="utf-8")
    assert "Synthetic patients" not in real.page.read_text(encoding="utf-8")


@pytest.mark.parametrize("arms", [2, 4])
def test_hostile_labels_stay_text(arms: int, tmp_path: Path) -> None:
    protocol, results = sample.hostile(arms)
    origin = sample.provenance(command="</code><script>x</script>", data_source=(("<b>", "00"),))
    files = write_report(protocol, results, origin, tmp_path / "r", published=sample.published())
    page = Page(files.page.read_text(encoding="utf-8"))

    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "img", "b"})
    assert "<script>alert(1)</script> & co" in "".join(page.text)
    assert "$x_1$" in "".join(page.text)
    for path in files.folder.glob("tables/*.csv"):
        assert not re.search(r'(^|,)"?[=+@]', path.read_text(encoding="utf-8"), re.MULTILINE), path.name


def test_two_runs_write_the_same_bytes(written: ReportFiles, tmp_path: Path) -> None:
    again = write_report(
        sample.protocol(), sample.results(), sample.provenance(), tmp_path / "r", published=sample.published()
    )
    names = sorted(path.relative_to(again.folder) for path in again.files)

    assert names == sorted(path.relative_to(written.folder) for path in written.files)
    for name in names:
        assert (again.folder / name).read_bytes() == (written.folder / name).read_bytes(), name


def test_the_rows_come_back_from_parquet(written: ReportFiles) -> None:
    assert pl.read_parquet(written.folder / "results.parquet").equals(sample.results().frame)


def test_sections_are_those_of_the_protocol(tmp_path: Path) -> None:
    def few(content: dict[str, Any]) -> None:
        content["report"] = {"style": "nejm", "sections": ["endpoints", "baseline"]}

    files = write_report(sample.protocol(few), sample.results(), sample.provenance(), tmp_path / "r")
    page = Page(files.page.read_text(encoding="utf-8"))
    sections = [attributes["id"] for attributes in page.all("section")]

    assert sections == ["summary", "endpoints", "analysis-os", "analysis-dfs", "baseline", "methods"]
    assert "P<0.001" in "".join(page.text)


def test_no_rows_make_a_page_without_results(tmp_path: Path) -> None:
    files = write_report(
        sample.protocol(), Results.of([]), sample.provenance(log_length=None), tmp_path / "r"
    )
    page = Page(files.page.read_text(encoding="utf-8"))

    assert len(page.all("table")) == 1
    assert page.all("svg") == []


def test_an_analysis_whose_numbers_are_all_missing_is_still_a_page(tmp_path: Path) -> None:
    hollow = Results.of(
        Result(analysis=row.analysis, population=row.population, subset=row.subset, group=row.group,
               variable=row.variable, level=row.level, at=row.at, statistic=row.statistic, method=row.method,
               value=None, warning="not estimable")
        for row in sample.results() if row.analysis != "baseline"
    )  # fmt: skip
    files = write_report(sample.protocol(), hollow, sample.provenance(), tmp_path / "r")

    assert "NE" in files.page.read_text(encoding="utf-8")


def test_progress_counts_to_its_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_report(
        sample.protocol(), sample.results(), sample.provenance(), tmp_path / "r",
        progress=lambda text, done, total: told.append((text, done, total)),
    )  # fmt: skip

    assert [done for _, done, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][1] == told[-1][2]


def test_a_second_report_replaces_its_own_files_and_leaves_others(tmp_path: Path) -> None:
    def without_dfs(content: dict[str, Any]) -> None:
        del content["analyses"]["dfs"]

    folder = tmp_path / "r"
    write_report(sample.protocol(), sample.results(), sample.provenance(), folder)
    (folder / "notes.txt").write_text("mine")
    files = write_report(sample.protocol(without_dfs), sample.results(), sample.provenance(), folder)

    assert (folder / "notes.txt").read_text() == "mine"
    assert not (folder / "tables" / "dfs-results.csv").exists()
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == sorted(
        [*files.files, folder / "notes.txt"]
    )


@pytest.mark.parametrize("name", ["index.html", "manifest.json", "tables/os-results.csv"])
def test_a_file_of_someone_else_in_the_way_is_refused_and_kept(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("mine")

    with pytest.raises(InputError, match="a file that equipoise report did not write"):
        write_report(sample.protocol(), sample.results(), sample.provenance(), folder)

    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / name]
    assert (folder / name).read_text() == "mine"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_manifest_cannot_name_files_outside_the_report(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    write_report(sample.protocol(), sample.results(), sample.provenance(), folder)
    (tmp_path / "precious.csv").write_text("mine")
    manifest = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(
        manifest.replace('"index.html"', '"../precious.csv": "", "index.html"')
    )
    write_report(sample.protocol(), sample.results(), sample.provenance(), folder)

    assert (tmp_path / "precious.csv").read_text() == "mine"


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", fail)
    with pytest.raises(InputError, match="found disk full; expected a folder that can be written"):
        write_report(sample.protocol(), sample.results(), sample.provenance(), tmp_path / "r")

    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("mine")

    with pytest.raises(InputError, match="found a file"):
        write_report(sample.protocol(), sample.results(), sample.provenance(), tmp_path / "r")
