"""The lab file: which design, on which hosts, reached how, kept where."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from cloudlab.errors import InputError

LabName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,11}$")]
"""Written on everything that belongs to the lab, also into names that the kernel keeps short."""

Text = Annotated[str, StringConstraints(min_length=1)]

_ALLOWED: Final = {
    "string_pattern_mismatch": "a lower-case letter, then at most 11 lower-case letters and digits",
    "string_too_short": "a text that is not empty",
    "missing": "it is needed",
    "extra_forbidden": "there is no such field",
    "ip_v4_address": "an IPv4 address, as 10.0.0.11",
    "greater_than": "more than 0",
    "greater_than_equal": "1 or more",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "model_type": "a mapping of fields to values",
    "union_tag_invalid": "one whose {discriminator} is {expected_tags}",
    "union_tag_not_found": "one with a {discriminator}",
    "too_short": "at least one entry",
}
"""What to say instead of pydantic's own words, by the type of its error and with its numbers."""


class _Part(BaseModel):
    """A mapping of the file: unknown fields are mistakes."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


class Login(_Part):
    """How to log in on hosts."""

    user: Text = "root"
    """Who: it has to be root, or be made root by the host's sshd."""
    key: Path
    """The private key."""
    known_hosts: Path = Path("~/.ssh/known_hosts")
    """The hosts' own keys; a host that is not in it is refused."""
    port: Annotated[int, Field(ge=1, le=65535)] = 22


class BoardPower(_Part):
    """A management board that switches a host."""

    kind: Literal["ipmi", "redfish"]
    address: Text
    """`10.0.1.11`, or for Redfish the URL of the system."""
    user: Text
    password_file: Path
    """The password is in a file of its own, for its owner only; it is never in this one."""


class ShellPower(_Part):
    """Commands on another machine that switch a host, reached with the login of the hosts."""

    kind: Literal["ssh"]
    address: IPv4Address
    """Of the machine that switches; never the host itself."""
    off: Text
    on: Text
    status: Text
    """What is typed there to cut the power, to give it, and to see whether there is any."""
    is_on: Text
    """A regular expression, found in what `status` prints if there is power."""


Power = Annotated[BoardPower | ShellPower, Field(discriminator="kind")]


class HostAccess(_Part):
    """How one host is reached."""

    name: Text
    """As the design calls it."""
    address: IPv4Address
    """On the management network."""
    underlay_address: IPv4Address | None = None
    """On the network under guest networks; the management one if not given."""
    public_bridge: Text = "cloudbr0"
    """The bridge that leads outside."""
    libvirt_uri: str = ""
    """Default: `qemu+ssh` with the login above."""
    ssh_door: Path | None = None
    """A unix socket that leads to its sshd, instead of the network."""
    heartbeat: str = ""
    """The file on shared storage that it rewrites every second; empty: it writes none."""
    kvm: bool = False
    """Whether guests were seen to run with hardware virtualisation."""
    power: Power | None = None
    """What switches it; hosts of a mini data centre need none."""


class LabFile(_Part):
    """A lab on real hosts.

    Relative paths in it are relative to the folder it lies in.
    """

    lab: LabName
    """The name of the lab: everything on a host that belongs to it bears it."""
    design: Path
    """The design of its cloud."""
    store: Text = "lab.sqlite"
    """Where its books are kept: a file, or the URL of a database."""
    ssh: Login
    hosts: Annotated[tuple[HostAccess, ...], Field(min_length=1)]
    answer_seconds: Annotated[float, Field(gt=0, le=60)] = 4.0
    """How long a host may take to answer; without one for twice as long it counts as gone."""
    templates: dict[str, str] = Field(default_factory=dict)
    """Name of a template -> where the hosts find its image: a path or a URL."""
    minidc: Path | None = None
    """The directory of the mini data centre whose hosts these are; it switches their power."""
    timings: Path = Path("timings.jsonl")
    """Where the duration of every step is noted, for `cloudlab calibrate`."""

    @model_validator(mode="after")
    def _named_once(self) -> LabFile:
        for what in ("name", "address"):
            told = [str(getattr(host, what)) for host in self.hosts]
            twice = sorted({each for each in told if told.count(each) > 1})
            if twice:
                raise ValueError(f"hosts: {', '.join(twice)} is there twice; each {what} is unique")
        return self


def read_lab_file(path: str | Path) -> LabFile:
    """Return the lab file at `path`, its paths made absolute.

    Raises:
        InputError: it is not there, is no YAML, or a field of it is wrong; the message names
            every such field.
    """
    source = Path(path).expanduser().absolute()
    document = _document(source)
    try:
        found = LabFile.model_validate(document)
    except ValidationError as error:
        told = "; ".join(_complaint(dict(each)) for each in error.errors())
        raise InputError(f"{source}: {told}") from None
    return _resolved(found, source.parent)


def is_lab_file(path: Path) -> bool:
    """Return whether a file describes a lab on real hosts rather than a design.

    Raises:
        InputError: it is not there, or is no YAML.
    """
    document = _document(path)
    return isinstance(document, dict) and "lab" in document and "design" in document


def _document(source: Path) -> object:
    try:
        return yaml.safe_load(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{source} cannot be read: {reason}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{source} is no YAML: {' '.join(str(error).split())}") from error


def _complaint(error: dict[str, Any]) -> str:
    """Return one mistake: where it is, what was found, what would be right."""
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])
    field, kind = where.lstrip("."), error["type"]
    if kind == "value_error":
        return str(error["ctx"]["error"])
    allowed = _ALLOWED.get(kind, error["msg"].lower()).format_map(error.get("ctx", {}))
    if kind in {"missing", "extra_forbidden"}:
        return f"{field}: {allowed}"
    if isinstance(error["input"], dict):  # somebody may have written a password into it
        return f"{field} must be {allowed}"
    return f"{field or 'it'} is {error['input']!r}; it must be {allowed}"


def _resolved(found: LabFile, folder: Path) -> LabFile:
    """Return the same with every path absolute."""

    def full(path: Path) -> Path:
        return folder / path.expanduser()

    login = found.ssh
    hosts = tuple(
        host.model_copy(
            update={
                "ssh_door": host.ssh_door and full(host.ssh_door),
                "power": _resolved_power(host.power, folder),
            }
        )
        for host in found.hosts
    )
    return found.model_copy(
        update={
            "design": full(found.design),
            "store": found.store if "://" in found.store else str(full(Path(found.store))),
            "ssh": login.model_copy(
                update={"key": full(login.key), "known_hosts": full(login.known_hosts)}
            ),
            "hosts": hosts,
            "minidc": found.minidc and full(found.minidc),
            "timings": full(found.timings),
        }
    )


def _resolved_power(
    power: BoardPower | ShellPower | None, folder: Path
) -> BoardPower | ShellPower | None:
    if isinstance(power, BoardPower):
        path = folder / power.password_file.expanduser()
        return power.model_copy(update={"password_file": path})
    return power
