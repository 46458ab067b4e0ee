"""`cloudlab minidc`: a data centre on this machine: up, looked at, broken, mended, down."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cloudlab.cli.console import complain, say

if TYPE_CHECKING:
    from drivers.minidc import HostStatus, MiniDc

app: Final = typer.Typer(
    help="A data centre on this machine, for labs: real hosts, storage and networks. Needs root.",
    no_args_is_help=True,
)

Name = Annotated[
    str, typer.Option("--name", metavar="NAME", help="Which one, where there are several.")
]
Dir = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        metavar="DIR",
        help="Where it keeps its files.",
        show_default="$CLOUDLAB_MINIDC_DIR or /var/lib/cloudlab/minidc",
    ),
]
Host = Annotated[str, typer.Argument(metavar="HOST", help="h1, h2 ...", show_default=False)]
Nic = Annotated[
    str,
    typer.Argument(
        metavar="NIC",
        help="eth0 management and storage, eth1 guest networks, eth2 public.",
        show_default=False,
    ),
]


@app.command()
def up(
    *,
    hosts: Annotated[int, typer.Option(metavar="N", help="How many hosts, 1 to 9.")] = 2,
    name: Name = "",
    directory: Dir = None,
) -> None:
    """Bring up what is not: hosts, switch, storage and a tiny guest; running hosts stay."""
    from drivers.world.minidc_lab import write_lab

    data_centre = _there(name, directory)
    data_centre.up(hosts)
    _show(data_centre.status())
    say(f"what there is to know of it: {data_centre.layout.inventory}")
    say(f'a lab on it, in a notebook:  lab = connect("{write_lab(data_centre)}")')


@app.command()
def down(*, name: Name = "", directory: Dir = None) -> None:
    """Take everything down and remove its files, whatever state a crash left it in."""
    data_centre = _there(name, directory)
    data_centre.down()
    say(f"down; nothing is left in {data_centre.layout.directory}")


@app.command()
def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    name: Name = "",
    directory: Dir = None,
) -> None:
    """Print what can be seen of each host from the management network."""
    data_centre = _there(name, directory)
    seen = data_centre.status()
    if as_json:
        say(json.dumps([dataclasses.asdict(host) for host in seen], indent=2))
    elif seen:
        _show(seen)
    else:
        layout = data_centre.layout
        say(f"there is no data centre in {layout.directory}; make one: {layout.up}")


@app.command()
def kill(host: Host, *, name: Name = "", directory: Dir = None) -> None:
    """Cut the power of a host: its guests are gone at once, as in a power failure."""
    _there(name, directory).kill(host)
    say(f"{host} is off")


@app.command()
def start(host: Host, *, name: Name = "", directory: Dir = None) -> None:
    """Give a host power again; it comes up with no guest running."""
    _there(name, directory).start(host)
    say(f"{host} is on")


@app.command()
def unplug(host: Host, nic: Nic, *, name: Name = "", directory: Dir = None) -> None:
    """Pull one of a host's cables."""
    _there(name, directory).unplug(host, nic)
    say(f"{host} {nic}: the cable is out")


@app.command()
def plug(host: Host, nic: Nic, *, name: Name = "", directory: Dir = None) -> None:
    """Put a cable back."""
    _there(name, directory).plug(host, nic)
    say(f"{host} {nic}: the cable is in")


@app.command(context_settings={"allow_interspersed_args": False})
def run(
    place: Annotated[
        str,
        typer.Argument(
            metavar="PLACE", help="A host, or mgmt, internet or sw.", show_default=False
        ),
    ],
    command: Annotated[
        list[str],
        typer.Argument(metavar="COMMAND...", help="What to run there.", show_default=False),
    ],
    *,
    timeout: Annotated[float, typer.Option(metavar="S", help="Seconds until it is killed.")] = 60,
    name: Name = "",
    directory: Dir = None,
) -> None:
    """Run a command on a host, for the manager, or for somebody on the internet."""
    ended = _there(name, directory).run_in(place, command, timeout)
    if ended.stdout:
        say(ended.stdout)
    if ended.stderr:
        complain(ended.stderr)
    raise typer.Exit(ended.returncode)


def _there(name: str, directory: Path | None) -> MiniDc:
    """Return the data centre that is meant; it tells what it does."""
    from drivers.minidc import Layout, MiniDc

    return MiniDc(Layout.named(name, directory), say)


def _show(hosts: list[HostStatus]) -> None:
    """Print a line for each host."""
    say(f"{'host':<5} {'address':<15} {'power':<6} {'ping':<5} {'ssh':<5} {'libvirt':<8} heartbeat")
    for host in hosts:
        power = "on" if host.on else "off"
        ping, ssh, libvirt = (_yes(each) for each in (host.ping, host.ssh, host.libvirt))
        line = f"{host.name:<5} {host.address:<15} {power:<6} {ping:<5} {ssh:<5} {libvirt:<8} "
        say(line + _heard(host.heartbeat_age) + _pulled(host.nics))


def _yes(fact: bool) -> str:  # noqa: FBT001  (one plain fact)
    return "yes" if fact else "no"


def _heard(age: float | None) -> str:
    return "never" if age is None else f"{age:.1f} s ago"


def _pulled(nics: dict[str, bool]) -> str:
    pulled = [nic for nic, is_in in nics.items() if not is_in]
    return f"  cable out: {', '.join(pulled)}" if pulled else ""
