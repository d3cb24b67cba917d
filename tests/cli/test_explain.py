"""``equipoise explain`` as a person runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from small_trial import PROTOCOL


def equipoise(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "equipoise", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=120,
    )


def test_explain_writes_a_page_and_a_pdf_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL)

    done = equipoise("explain", "protocol.yaml", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("SMALL: ")
    assert done.stdout.endswith("\nPage: explain/index.html\nPDF:  explain/protocol.pdf\n")
    assert (tmp_path / "explain" / "index.html").stat().st_size > 10_000
    assert (tmp_path / "explain" / "protocol.pdf").read_bytes().startswith(b"%PDF")


def test_explain_writes_the_page_only_where_no_pdf_is_wanted(tmp_path: Path) -> None:
    done = equipoise("explain", "intergroup0035", "--no-pdf", "--output", "there", cwd=tmp_path)

    assert done.returncode == 0
    assert "PDF" not in done.stdout
    assert not (tmp_path / "there" / "protocol.pdf").exists()
    assert "protocol.pdf" not in (tmp_path / "there" / "index.html").read_text()


def test_explain_of_a_broken_file_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL.replace("equipoise: 1", "equipoise: 2"))

    done = equipoise("explain", "protocol.yaml", cwd=tmp_path)

    assert done.returncode == 1
    assert "protocol.yaml:2:12" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "explain").exists()


def test_a_file_in_the_way_stays(tmp_path: Path) -> None:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL)
    (tmp_path / "explain").mkdir()
    (tmp_path / "explain" / "index.html").write_text("mine")

    done = equipoise("explain", "protocol.yaml", cwd=tmp_path)

    assert done.returncode == 1
    assert "a file that equipoise explain did not write" in done.stderr
    assert (tmp_path / "explain" / "index.html").read_text() == "mine"
