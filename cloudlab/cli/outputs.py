"""Files that are whole or not there: written beside their place, then given their name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cloudlab.cli.interrupt import undone_by_ctrl_c
from cloudlab.errors import InvalidParameter


def check_target(option: str, target: Path, *, inputs: Sequence[Path] = ()) -> None:
    """Refuse, before any work is done, a file that could not be written at its end.

    Args:
        option: what the target was given by, for the message.
        target: where it is to be written.
        inputs: files that are read, which it must not replace.

    Raises:
        InvalidParameter: it is a folder or an input, or its folder is not there or is closed.
    """
    folder = target.parent
    problem = ""
    if target.is_dir():
        problem = "is a folder; name a file in it"
    elif not folder.is_dir():
        problem = f"cannot be written: there is no folder {folder}"
    elif not (_is_device(target) or _lets_write(folder)):
        problem = f"cannot be written: the folder {folder} does not let you"
    elif any(target.exists() and path.exists() and target.samefile(path) for path in inputs):
        problem = "is one of the files that are read; give it another name"
    if problem:
        raise InvalidParameter(f"{option} {target}: {problem}")


def _lets_write(folder: Path) -> bool:
    """Return whether a file can be made in `folder`: for root, permissions alone do not tell."""
    if not os.access(folder, os.W_OK):
        return False
    try:
        with TemporaryDirectory(prefix=".cloudlab-", dir=folder):
            return True
    except OSError:
        return False


def keep_what_is_there(option: str, target: Path, *, force: bool) -> None:
    """Refuse to replace a file, unless `--force` says so.

    Raises:
        InvalidParameter: there is one.
    """
    if target.is_file() and not force:
        raise InvalidParameter(f"{option} {target}: is there already; --force replaces it")


@contextmanager
def whole_files(*targets: Path) -> Iterator[list[Path]]:
    """Yield a path for each target to write to; they get their names when all are written.

    When anything fails meanwhile, or Ctrl-C comes, every target stays as it was.

    Raises:
        InvalidParameter: the disk is full, say; the message names file and cause.
    """
    try:
        with undone_by_ctrl_c(), ExitStack() as stack:
            parts = [stack.enter_context(_part(target)) for target in targets]
            yield parts
            for part, target in zip(parts, targets, strict=True):
                _place(part, target)
    except OSError as error:
        names = ", ".join(map(str, targets))
        reason = error.strerror or error
        raise InvalidParameter(f"{names}: cannot be written: {reason}") from error


def write_text(target: Path, text: str) -> None:
    """Write `text` to `target`, whole or not at all.

    Raises:
        InvalidParameter: it cannot be written.
    """
    with whole_files(target) as (part,):
        part.write_text(text, encoding="utf-8")


@contextmanager
def _part(target: Path) -> Iterator[Path]:
    """Yield a path in a folder of its own beside the target, which is gone afterwards."""
    beside = None if _is_device(target) else target.resolve().parent
    with TemporaryDirectory(prefix=".cloudlab-", dir=beside) as folder:
        yield Path(folder) / target.name


def _place(part: Path, target: Path) -> None:
    """Give a written file its name, or send it through the device that the target is."""
    if _is_device(target):
        with part.open("rb") as source, target.open("wb") as device:
            shutil.copyfileobj(source, device)
    else:
        part.replace(target.resolve())


def _is_device(target: Path) -> bool:
    """Return whether the target is no plain file, as /dev/stdout, and must not be replaced."""
    return target.is_relative_to("/dev") or (target.exists() and not target.is_file())
