"""Whether a machine reaches the servers that its packages come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

from cloudlab.errors import InvalidParameter
from drivers.ssh.facts.asking import Machine, answer, files, shell
from drivers.ssh.facts.ini import ini
from drivers.ssh.facts.record import Reach

OWN: Final = "own"
"""Word for the servers that the machine's own package manager is set to."""

_APT: Final = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/*.list")
_DEB822: Final = ("/etc/apt/sources.list.d/*.sources",)
_DNF: Final = ("/etc/yum.repos.d/*.repo",)
_APT_SETTINGS: Final = ("/etc/apt/apt.conf", "/etc/apt/apt.conf.d/*")
_DNF_SETTINGS: Final = ("/etc/dnf/dnf.conf", "/etc/yum.conf")

_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443, "ftp": 21}

SECONDS: Final = 5
"""How long a server may take to answer; all are asked at once."""

_CONNECT: Final = f"""\
export LC_ALL=C
while [ $# -gt 1 ]; do
  {{
    said=$(timeout {SECONDS} bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1); code=$?
    printf '%s %s %s %s\\n' "$code" "$1" "$2" "$(printf '%s' "$said" | head -n 1)"
  }} &
  shift 2
done; wait
"""
"""Args: server and port, again and again. Prints exit code, server, port and what was wrong."""


def package_url(text: str) -> SplitResult:
    """Return the parts of the URL of a package server.

    Raises:
        InvalidParameter: it is none, or tells a password.
    """
    url = _url(text)
    if url is None:
        allowed = f"{OWN!r} for those it is set to, or one of {', '.join(_PORTS)}: http://server"
        raise InvalidParameter(f"packages {text!r} is no package server; it must be {allowed}")
    if url.username or url.password:
        message = "it must have no name or password in it; to reach it needs none"
        raise InvalidParameter(f"the package server {url.hostname}: {message}")
    return url


def packages(machine: Machine, asked: Sequence[str], root: str = "") -> tuple[Reach, ...]:
    """Return whether `machine` finds each server by its name and gets a connection to it.

    Nobody is contacted if nothing is asked for.

    Args:
        machine: from where.
        asked: URLs of servers; `own` for those that the machine's package manager is set to.
        root: a folder that is taken for `/`.

    Raises:
        InvalidParameter: one is no URL of a package server.
    """
    named = [_server(package_url(each)) for each in asked if each != OWN]
    own = own_servers(machine, root) if OWN in asked else ()
    reached = _reached(machine, dict.fromkeys((*own, *named)))
    if own or OWN not in asked:
        return reached
    return (Reach(OWN, ok=False, trouble="its package manager is set to no server"), *reached)


def own_servers(machine: Machine, root: str = "") -> tuple[str, ...]:
    """Return the servers that apt or dnf is set to; their proxy, if they go through one."""
    proxies = [
        *_proxies(files(machine, _APT_SETTINGS, root), r'^(?!\s*(?://|#)).*\bProxy\s+"([^"]+)"'),
        *_proxies(files(machine, _DNF_SETTINGS, root), r"^\s*proxy\s*=\s*(\S+)"),
    ]
    found = proxies or [
        *(url for text in files(machine, _APT, root).values() for url in apt_lines(text)),
        *(url for text in files(machine, _DEB822, root).values() for url in deb822(text)),
        *(url for text in files(machine, _DNF, root).values() for url in repositories(text)),
    ]
    return tuple(dict.fromkeys(_server(url) for url in map(_url, found) if url is not None))


def apt_lines(text: str) -> Iterator[str]:
    """Yield the URLs in the lines of a sources.list."""
    pattern = r"^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)"
    yield from re.findall(pattern, text, re.MULTILINE)


def deb822(text: str) -> Iterator[str]:
    """Yield the URLs in the paragraphs of a .sources file that are not switched off."""
    for paragraph in re.split(r"\n\s*\n", re.sub(r"^#.*\n?", "", text, flags=re.MULTILINE)):
        if not re.search(r"^Enabled:\s*no", paragraph, re.MULTILINE | re.IGNORECASE):
            for urls in re.findall(r"^URIs:((?:.*\n?)(?:[ \t].*\n?)*)", paragraph, re.MULTILINE):
                yield from urls.split()


def repositories(text: str) -> Iterator[str]:
    """Yield the URLs of a .repo file's repositories that are not switched off."""
    for fields in ini(text).values():
        if fields.get("enabled", "1") not in {"0", "false", "no"}:
            for key in ("baseurl", "mirrorlist", "metalink"):
                yield from re.split(r"[\s,]+", fields.get(key, ""))


def _proxies(found: Mapping[str, str], pattern: str) -> list[str]:
    return [url for text in found.values() for url in re.findall(pattern, text, re.MULTILINE)]


def _url(text: str) -> SplitResult | None:
    """Return the parts of a URL that leads to a server by name."""
    try:
        url = urlsplit(text.removeprefix("mirror+"))
        _ = url.port
    except ValueError:
        return None
    is_known = url.scheme in _PORTS and url.hostname and "$" not in url.netloc
    return url if is_known else None


def _server(url: SplitResult) -> str:
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}"


def _reached(machine: Machine, urls: Iterable[str]) -> tuple[Reach, ...]:
    """Return whether each server takes a connection; all are tried at once."""
    ends = {url: _end(url) for url in urls}
    words = [word for end in dict.fromkeys(ends.values()) for word in end]
    lines = answer(machine, shell(_CONNECT, *words)).splitlines() if words else []
    told = [line.split(" ", 3) for line in lines if line.count(" ") >= 3]
    troubles = {(host, port): _trouble(code, said) for code, host, port, said in told}
    silent = "it did not say whether it reaches it"
    found = {url: troubles.get(end, silent) for url, end in ends.items()}
    return tuple(Reach(url, ok=not trouble, trouble=trouble) for url, trouble in found.items())


def _end(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.hostname or "", str(parts.port or _PORTS[parts.scheme])


def _trouble(code: str, said: str) -> str:
    if code == "0":
        return ""
    if code == "124":
        return f"no answer within {SECONDS} s"
    return said.rpartition(": ")[2].lower() or "no connection"
