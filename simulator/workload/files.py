"""Files as text: plain or gzip, and one clear sentence when they are neither."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Final

from cloudlab.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_GZIP: Final = b"\x1f\x8b"
_OTHERS: Final = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\xfd7zXZ": "compressed by xz",
    b"BZh": "compressed by bzip2",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"PAR1": "a Parquet file",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
_REMEDY: Final = "save it as CSV text in UTF-8, plain or compressed by gzip"


def read_text(path: Path) -> str:
    """Return the text of `path`, unpacked, with lines that end in a newline character.

    Raises:
        InputError: if the file cannot be read, is empty, cut off, damaged or not text.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    if raw.startswith(_GZIP):
        raw = _unpacked(path, raw)
    elif path.suffix == ".gz" and raw:
        raise InputError(f"{path}: is called .gz but is not a gzip file; rename or compress it")
    for magic, kind in _OTHERS.items():
        if raw.startswith(magic):
            raise InputError(f"{path}: is {kind}; {_REMEDY}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: is not text in UTF-8; {_REMEDY}") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{path}, line {line}: holds a zero byte, so it is not text; {_REMEDY}")
    if not text.strip():
        raise InputError(f"{path}: is empty; the first line must name the columns")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unpacked(path: Path, raw: bytes) -> bytes:
    """Return the contents of a gzip file."""
    try:
        return gzip.decompress(raw)
    except EOFError as error:
        raise InputError(f"{path}: the gzip file is cut off; copy or make it again") from error
    except (OSError, zlib.error) as error:
        raise InputError(
            f"{path}: the gzip file is damaged ({error}); copy or make it again"
        ) from error
