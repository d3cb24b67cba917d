"""A new file that appears under its name only when all of it is on the disk."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from equipoise.store import unusable

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Give a place beside ``path`` to write to; what is there at the end becomes ``path``.

    Raises LogError, and leaves nothing behind, if ``path`` exists or the folder cannot be written.
    """
    try:
        folder = tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _failed(path, error) from None
    temporary = Path(folder) / path.name
    try:
        temporary.touch(0o600)  # its rows are patients: for the owner only
        yield temporary
        _sync(temporary)
        _place(temporary, path)
        _sync(path.parent)
    except OSError as error:
        raise _failed(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            Path(folder).rmdir()


def _place(temporary: Path, path: Path) -> None:
    """Give the file its name, but never the name of another: a link refuses what a rename would replace."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS or path.exists():
            raise
        temporary.rename(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _failed(path: Path, error: OSError) -> Exception:
    if isinstance(error, FileExistsError):
        remedy = "a log is never overwritten: choose another name"
        return unusable(path, "a file that exists", "a new file", remedy)
    return unusable(path, error.strerror or str(error), "a folder that can be written, with space")
