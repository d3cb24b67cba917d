"""A folder that the program writes: aside first, moved into place when complete, and careful with others' files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from equipoise.analysis.results import Results
from equipoise.errors import InputError, Problem

MANIFEST = "manifest.json"
PAGE = "index.html"
Content = str | bytes | Results


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes a folder: the command, which names its files have, what a refusal says."""

    command: str
    names: re.Pattern[str]
    refused: str


def publish(contents: Mapping[str, Content], folder: Path, writer: Writer) -> tuple[Path, ...]:
    """Write files by their path in ``folder`` and return where they are, the manifest last.

    A new folder appears at once, by one rename. In a folder that exists, files that an earlier run of the same
    command wrote (its manifest names them) are replaced one by one, the page after what it accompanies; files that it does
    not write any more are removed; those of others stay. Raises InputError, before anything is changed, if
    a file that no manifest names is in the way.
    """
    owned = _owned(folder, writer)
    _refuse_foreign(contents, folder, owned, writer)
    home = folder.absolute()  # "." has no name of its own
    aside = home.parent / f".{home.name}.{os.getpid()}.partial"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        for name, content in contents.items():
            _write(aside / name, content)
        _write(aside / MANIFEST, _manifest(aside, list(contents), writer))
        if folder.exists():
            _replace(aside, folder, list(contents), owned, writer)
        else:
            aside.rename(folder)
    except OSError as error:
        problem = Problem(file=str(error.filename or folder), found=error.strerror or str(error),
                          expected="a folder that can be written", remedy="name another folder, or free space")  # fmt: skip
        raise InputError(writer.refused, [problem]) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return tuple(folder / name for name in (*sorted(contents), MANIFEST))


def _write(path: Path, content: Content) -> None:
    """Write one file; text with the same line ends everywhere."""
    path.parent.mkdir(exist_ok=True)
    if isinstance(content, Results):
        content.frame.write_parquet(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8", newline="\n")


def _manifest(folder: Path, names: list[str], writer: Writer) -> str:
    """Every file with its SHA-256."""
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)}
    return _manifest_text(digests, writer)


def _manifest_text(digests: Mapping[str, str], writer: Writer) -> str:
    """The manifest as JSON."""
    return json.dumps({"written_by": writer.command, "sha256": digests}, indent=1, sort_keys=True) + "\n"


def _owned(folder: Path, writer: Writer) -> set[str]:
    """The files that an earlier run of the command wrote, as far as they have names that it gives."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        known = manifest["sha256"] if manifest["written_by"] == writer.command else {}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return (
        {name for name in known if isinstance(name, str) and writer.names.match(name)}
        if isinstance(known, dict)
        else set()
    )


def _refuse_foreign(contents: Mapping[str, Content], folder: Path, owned: set[str], writer: Writer) -> None:
    """Refuse to replace what the command did not write."""
    if folder.exists() and not folder.is_dir():
        problem = Problem(file=str(folder), found="a file", expected="a folder or nothing",
                          remedy="name another folder")  # fmt: skip
        raise InputError(writer.refused, [problem])
    problems = [
        Problem(file=str(folder / name), found=f"a file that {writer.command} did not write", expected="nothing there",
                remedy="name another folder, or move the file away")
        for name in sorted({*contents, MANIFEST} - owned)
        if (folder / name).exists() and not (name == MANIFEST and owned)
    ]  # fmt: skip
    if problems:
        raise InputError(writer.refused, problems)


def _replace(aside: Path, folder: Path, names: list[str], owned: set[str], writer: Writer) -> None:
    """Move new files over old ones; the manifest claims both before the first move."""
    union = dict.fromkeys(sorted({*names, *owned}), "")
    claim = aside / "claim.json"
    _write(claim, _manifest_text(union, writer))
    claim.replace(folder / MANIFEST)
    for name in sorted(names, key=lambda name: (name == PAGE, name)):
        (folder / name).parent.mkdir(exist_ok=True)
        (aside / name).replace(folder / name)
    for name in sorted(owned - set(names)):
        (folder / name).unlink(missing_ok=True)
    (aside / MANIFEST).replace(folder / MANIFEST)
