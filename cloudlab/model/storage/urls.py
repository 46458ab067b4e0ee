"""URLs of pools and image stores: whether they can be read, and how messages show them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_LOGIN: Final = re.compile(r"(?<=//)[^/?#]*@")


def url_fault(url: str) -> str:
    """Return why `url` cannot be read, and what can; empty if it can be, as a path can."""
    try:
        if urlsplit(url).port != 0:
            return ""
        cause = "Port out of range"
    except ValueError as error:
        cause = str(error)
    return (
        f"is {url_text(url)!r}, which cannot be read ({cause}); write "
        f"scheme://server:port/path with a port of 1 to 65535, or none, and an IPv6 address in "
        f"brackets: nfs://[fd00::5]/export/primary"
    )


def url_text(url: str) -> str:
    """Return `url` without the name and password that may be in it."""
    return _LOGIN.sub("...@", url)
