"""The folder of a report: written aside, moved into place when complete, and careful with others' files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from equipoise.analysis.results import Results
from equipoise.errors import InputError, Problem

MANIFEST = "manifest.json"
_OURS = re.compile(r"(index\.html|results\.parquet|(tables|figures)/[A-Za-z0-9_-]{1,200}\.(csv|svg))\Z")


def publish(contents: Mapping[str, str | Results], folder: Path) -> tuple[Path, ...]:
    """Write files by their path in ``folder`` and return where they are, the manifest last.

    A new folder appears at once, by one rename. In a folder that exists, files that an earlier report wrote
    (its manifest names them) are replaced one by one, the page after what it accompanies; files that it does
    not write any more are removed; those of others stay. Raises InputError, before anything is changed, if
    a file that no manifest names is in the way.
    """
    owned = _owned(folder)
    _refuse_foreign(contents, folder, owned)
    home = folder.absolute()  # "." has no name of its own
    aside = home.parent / f".{home.name}.{os.getpid()}.partial"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        for name, content in contents.items():
            _write(aside / name, content)
        _write(aside / MANIFEST, _manifest(aside, list(contents)))
        if folder.exists():
            _replace(aside, folder, list(contents), owned)
        else:
            aside.rename(folder)
    except OSError as error:
        problem = Problem(file=str(error.filename or folder), found=error.strerror or str(error),
                          expected="a folder that can be written", remedy="name another folder, or free space")  # fmt: skip
        raise InputError("the report was not written", [problem]) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return tuple(folder / name for name in (*sorted(contents), MANIFEST))


def _write(path: Path, content: str | Results) -> None:
    """Write one file; text with the same line ends everywhere."""
    path.parent.mkdir(exist_ok=True)
    if isinstance(content, Results):
        content.frame.write_parquet(path)
    else:
        path.write_text(content, encoding="utf-8", newline="\n")


def _manifest(folder: Path, names: list[str]) -> str:
    """Every file with its SHA-256."""
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)}
    return _manifest_text(digests)


def _manifest_text(digests: Mapping[str, str]) -> str:
    """The manifest as JSON."""
    return json.dumps({"written_by": "equipoise report", "sha256": digests}, indent=1, sort_keys=True) + "\n"


def _owned(folder: Path) -> set[str]:
    """The files that an earlier report wrote, as far as they have names that a report gives."""
    try:
        known = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return (
        {name for name in known if isinstance(name, str) and _OURS.match(name)}
        if isinstance(known, dict)
        else set()
    )


def _refuse_foreign(contents: Mapping[str, str | Results], folder: Path, owned: set[str]) -> None:
    """Refuse to replace what no report wrote."""
    if folder.exists() and not folder.is_dir():
        problem = Problem(file=str(folder), found="a file", expected="a folder or nothing",
                          remedy="name another folder")  # fmt: skip
        raise InputError("the report was not written", [problem])
    problems = [
        Problem(file=str(folder / name), found="a file that no report wrote", expected="nothing there",
                remedy="name another folder, or move the file away")
        for name in sorted({*contents, MANIFEST} - owned)
        if (folder / name).exists() and not (name == MANIFEST and owned)
    ]  # fmt: skip
    if problems:
        raise InputError("the report was not written", problems)


def _replace(aside: Path, folder: Path, names: list[str], owned: set[str]) -> None:
    """Move new files over old ones; the manifest claims both before the first move."""
    union = dict.fromkeys(sorted({*names, *owned}), "")
    claim = aside / "claim.json"
    _write(claim, _manifest_text(union))
    claim.replace(folder / MANIFEST)
    for name in sorted(names, key=lambda name: (name == "index.html", name)):
        (folder / name).parent.mkdir(exist_ok=True)
        (aside / name).replace(folder / name)
    for name in sorted(owned - set(names)):
        (folder / name).unlink(missing_ok=True)
    (aside / MANIFEST).replace(folder / MANIFEST)
