"""`cloudlab preflight`: whether a machine is fit to be a host, and how to make it so."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cloudlab.cli.codes import ExitCode
from cloudlab.cli.console import say


def preflight(
    host: Annotated[str, typer.Argument(metavar="HOST", help="Its address, or its name.")],
    *,
    user: Annotated[str, typer.Option(metavar="NAME", help="Who logs in.")] = "root",
    port: Annotated[int, typer.Option(metavar="N", help="Of its SSH server.")] = 22,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Our private key.", show_default="the agent's, those in ~/.ssh"
        ),
    ] = None,
    known_hosts: Annotated[
        Path, typer.Option(metavar="FILE", help="Where host keys are kept.")
    ] = Path("~/.ssh/known_hosts"),
    trust_new_key: Annotated[
        bool, typer.Option("--trust-new-key", help="Take the key of an unknown host as its own.")
    ] = False,
    door: Annotated[
        Path | None,
        typer.Option(metavar="SOCKET", help="A UNIX socket to its SSH server, for no network."),
    ] = None,
    bridge: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A bridge that it must have; repeat.")
    ] = None,
    storage: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A storage it must reach; repeat.")
    ] = None,
    packages: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A package server it must reach, or 'own'; repeat."),
    ] = None,
    idmap_domain: Annotated[
        str, typer.Option(metavar="NAME", help="What it must have as domain of NFSv4.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Check whether a machine is fit to be a host; say how to mend what is not.

    Nothing there is changed for good: a trial guest in its folder of temporary files and, into
    storage on NFS, a file are written and removed at once.
    """
    from json import dumps

    from drivers.ssh import SshHost
    from drivers.ssh.facts import facts
    from drivers.ssh.preflight import Asked
    from drivers.ssh.preflight import preflight as checked

    with SshHost(
        host,
        host,
        port,
        user=user,
        key_path=key,
        known_hosts=known_hosts,
        trust_first_use=trust_new_key,
        sock_path=door,
    ) as machine:
        told = facts(machine, storage or (), package_servers=packages or ())
        report = checked(told, Asked(tuple(bridge or ()), idmap_domain))
    say(dumps(report.document(), indent=2) if json else report.text())
    if not report.ok:
        raise typer.Exit(ExitCode.REFUSED)
