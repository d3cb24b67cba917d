"""The folder of an explained protocol: its page, its PDF and its drawings; files of others are never replaced."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from equipoise.errors import InputError, Problem
from equipoise.protocol.definition import Protocol
from equipoise.report.explain.build import build
from equipoise.report.explain.html import render_html

PAGE, PRINT, MANIFEST = "index.html", "protocol.pdf", "manifest.json"
_OURS = re.compile(r"(index\.html|protocol\.pdf|figures/[A-Za-z0-9_-]{1,200}\.svg)\Z")
_WRITER = "equipoise explain"


@dataclass(frozen=True, slots=True)
class ExplainedFiles:
    """What was written: the page, the PDF if there is one, and every file."""

    page: Path
    pdf: Path | None
    files: tuple[Path, ...]


def write_explained(protocol: Protocol, folder: Path, *, version: str, pdf: bool = True) -> ExplainedFiles:
    """Write the protocol in plain language.

    folder: made if absent; what an earlier run wrote is replaced, and what it does not write any more is removed.
    version: of the program.  Raises InputError, before anything is changed, where a file of somebody else is in
    the way or nothing can be written.
    """
    document = build(protocol, version)
    contents = {PAGE: render_html(document, pdf=PRINT if pdf else "").encode()}
    contents |= {f"figures/{figure.name}.svg": figure.svg.encode() for figure in document.figures()}
    if pdf:
        from equipoise.report.explain.pdf import render_pdf

        contents[PRINT] = render_pdf(document)
    files = _publish(contents, folder)
    return ExplainedFiles(folder / PAGE, folder / PRINT if pdf else None, files)


def _publish(contents: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write everything aside, then move it into place; the page comes last, after what it accompanies."""
    owned = _owned(folder)
    _refuse_foreign(contents, folder, owned)
    home = folder.absolute()
    aside = home.parent / f".{home.name}.{os.getpid()}.partial"
    shutil.rmtree(aside, ignore_errors=True)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    everything = {**contents, MANIFEST: _manifest(digests)}
    try:
        for name, content in everything.items():
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).write_bytes(content)
        if folder.exists():
            # Until the last move both the old and the new names are claimed, so that a broken run can be repeated.
            (folder / MANIFEST).write_bytes(_manifest(dict.fromkeys({*contents, *owned}, "")))
            for name in sorted(everything, key=lambda name: (name == MANIFEST, name == PAGE, name)):
                (folder / name).parent.mkdir(exist_ok=True)
                (aside / name).replace(folder / name)
            for name in owned - set(contents):
                (folder / name).unlink(missing_ok=True)
        else:
            aside.rename(home)
    except OSError as error:
        problem = Problem(file=str(error.filename or folder), found=error.strerror or str(error),
                          expected="a folder that can be written", remedy="name another folder, or free space")  # fmt: skip
        raise InputError("the protocol was not explained", [problem]) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return tuple(folder / name for name in sorted(everything))


def _manifest(digests: Mapping[str, str]) -> bytes:
    """Every file with its SHA-256."""
    return (
        json.dumps({"written_by": _WRITER, "sha256": dict(sorted(digests.items()))}, indent=1) + "\n"
    ).encode()


def _owned(folder: Path) -> set[str]:
    """The files that an earlier run wrote; none where its manifest cannot be read or is of another command."""
    try:
        known = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        names = known["sha256"] if known["written_by"] == _WRITER else {}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return (
        {name for name in names if isinstance(name, str) and _OURS.match(name)}
        if isinstance(names, dict)
        else set()
    )


def _refuse_foreign(contents: Mapping[str, bytes], folder: Path, owned: set[str]) -> None:
    """Refuse to replace what ``equipoise explain`` did not write."""
    if folder.exists() and not folder.is_dir():
        problem = Problem(file=str(folder), found="a file", expected="a folder or nothing",
                          remedy="name another folder")  # fmt: skip
        raise InputError("the protocol was not explained", [problem])
    problems = [
        Problem(file=str(folder / name), found="a file that equipoise explain did not write",
                expected="nothing there", remedy="name another folder, or move the file away")
        for name in sorted({*contents, MANIFEST} - owned)
        if (folder / name).exists() and not (name == MANIFEST and owned)
    ]  # fmt: skip
    if problems:
        raise InputError("the protocol was not explained", problems)
