"""Documentation that runs: examples are executed, command lines give the output shown, folders are named."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/tutorial.md", "docs/statistics.md")
PACKAGE = ROOT / "src" / "equipoise"


@pytest.mark.parametrize("page", PAGES)
def test_python_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    failed, attempted = doctest.testfile(
        str(ROOT / page), module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )

    assert (failed, attempted > 5) == (0, True)


def test_the_session_of_the_readme_is_real(tmp_path: Path) -> None:
    sessions = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.S)
    assert sessions
    for session in sessions:
        command, shown = session.removeprefix("$ ").split("\n", 1)
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=True,
        )
        assert done.stdout == shown


def test_every_folder_is_named_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    parts = [
        path
        for path in PACKAGE.iterdir()
        if path.name not in ("__init__.py", "__main__.py", "__pycache__", "py.typed")
    ]

    missing = [path.name for path in parts if f"`{path.name}{'/' if path.is_dir() else ''}`" not in text]

    assert not missing


def test_every_command_and_option_has_help() -> None:
    import typer

    from equipoise.cli.app import app

    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_reference_of_the_protocol_file_is_the_model() -> None:
    """After a change of the model: python -c "from equipoise.protocol.reference import reference; print(reference(), end='')"
    > docs/protocol-reference.md"""
    from equipoise.protocol.reference import reference

    assert (ROOT / "docs" / "protocol-reference.md").read_text() == reference()


def test_an_editor_gets_the_schema_of_the_protocol_file() -> None:
    import json

    done = subprocess.run(
        [sys.executable, "-m", "equipoise", "schema"], capture_output=True, text=True, check=True
    )

    assert json.loads(done.stdout)["properties"]["endpoints"]


def test_the_overview_of_the_statistics_names_every_function() -> None:
    from equipoise import stats

    text = (ROOT / "docs" / "statistics.md").read_text()

    assert not [name for name in stats.HOME if not re.search(rf"(?:`|stats\.){name}\b", text)]
