"""Hosts that are namespaces: an underlay, an outside, and a shell on each; nothing else."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cloudlab.errors import DriverFault, HostFault
from drivers.site import Access, Done, Site

UNDERLAY = "10.77.1"
OUTSIDE = "10.77.2.200"
_HOLD = "mount -t tmpfs tmpfs /run; mkdir /run/lock; echo up; exec sleep 3600"


def ip(*words: str) -> None:
    """Run `ip`, which has to do what it is told."""
    subprocess.run(["ip", *words], check=True, timeout=10)


class NamespaceShell:
    """Runs commands on a host, as one that logs in there would."""

    def __init__(self, name: str, holder: subprocess.Popen, netns: str) -> None:
        self.name, self.holder, self.netns = name, holder, netns
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text()
        target = f"--target={children.split()[0]}"
        self.enter = ["nsenter", target, "--mount", "--net", "--pid"]

    def run(self, argv, *, input=None, timeout=30.0) -> Done:  # noqa: A002
        """Run a command and return how it ended."""
        if self.holder.poll() is not None:
            raise HostFault(f"{self.name} does not answer", self.name)
        begun = time.monotonic()
        try:
            done = subprocess.run(
                [*self.enter, *argv],
                input=input or b"",
                capture_output=True,
                check=False,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            raise HostFault(f"{self.name}: {argv} took over {timeout:g} s", self.name) from None
        return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - begun)

    def check(self, argv, *, input=None, timeout=30.0) -> Done:  # noqa: A002
        """Run a command that has to end well."""
        done = self.run(argv, input=input, timeout=timeout)
        if done.exit_code:
            raise DriverFault(f"{self.name}: {argv}: {done.stderr.decode()}")
        return done

    def put(self, data, path, *, mode=0o644) -> None:
        """Write a file."""
        self.check(["sh", "-c", 'cat > "$0"; chmod "$1" "$0"', path, f"{mode:o}"], input=data)

    def get(self, path) -> bytes:
        """Return what a file holds."""
        return self.check(["cat", str(path)]).stdout


@dataclass
class DataCentre:
    """Hosts, and a client outside."""

    prefix: str
    site: Site
    shells: dict[str, NamespaceShell] = field(default_factory=dict)

    def on(self, host: str, *argv: str, timeout: float = 30.0) -> Done:
        """Run a command on a host."""
        return self.shells[host].run(argv, timeout=timeout)

    def outside(self, *argv: str, timeout: float = 20.0) -> str:
        """Run a command on the client outside and return what it prints."""
        whole = ["ip", "netns", "exec", f"{self.prefix}client", *argv]
        done = subprocess.run(whole, capture_output=True, check=False, timeout=timeout, text=True)
        return done.stdout.strip()

    @contextmanager
    def serving(self, *argv: str):
        """Run something on the client outside for a while."""
        whole = ["ip", "netns", "exec", f"{self.prefix}client", *argv]
        with subprocess.Popen(whole, stdin=subprocess.DEVNULL) as server:
            try:
                time.sleep(0.3)
                yield
            finally:
                server.terminate()

    def fetch(self, url: str) -> str:
        """Return what the client outside gets from `url`, `failed` if nothing."""
        options = ("-sf", "--connect-timeout", "1", "--max-time", "3")
        return self.outside("curl", *options, url) or "failed"

    def reaches(self, address: str) -> bool:
        """Return whether a ping of the client outside comes back."""
        return " 0% packet loss" in self.outside("ping", "-nc1", "-W1", address)

    def kill(self, host: str) -> None:
        """Cut the power of a host."""
        holder = self.shells[host].holder
        holder.kill()
        holder.wait(timeout=10)
        ip("netns", "delete", self.shells[host].netns)


@contextmanager
def data_centre(hosts: int):
    """Yield hosts `h1`, `h2` ... and take everything away afterwards."""
    prefix = f"clt{os.getpid() % 100000}"
    centre = DataCentre(prefix, Site("t1"))
    with ExitStack() as stack:
        for name in ("sw", "client"):
            _namespace(stack, prefix + name)
        for bridge in ("under", "public"):
            ip("-n", f"{prefix}sw", "link", "add", bridge, "type", "bridge", "forward_delay", "0")
            ip("-n", f"{prefix}sw", "link", "set", bridge, "up")
        _cable(f"{prefix}client", "eth0", f"{prefix}sw", "client", "public")
        ip("-n", f"{prefix}client", "addr", "add", f"{OUTSIDE}/24", "dev", "eth0")
        for number in range(1, hosts + 1):
            _add_host(stack, centre, number)
        yield centre


def _namespace(stack: ExitStack, name: str) -> None:
    ip("netns", "add", name)
    stack.callback(_drop, name)
    ip("-n", name, "link", "set", "lo", "up")


def _drop(name: str) -> None:
    if Path("/run/netns", name).exists():
        ip("netns", "delete", name)


def _cable(inside: str, device: str, switch: str, port: str, bridge: str) -> None:
    ip("-n", inside, "link", "add", device, "type", "veth", "peer", "name", port, "netns", switch)
    for namespace, link in ((inside, device), (switch, port)):
        ip("-n", namespace, "link", "set", link, "mtu", "9000", "up")
    ip("-n", switch, "link", "set", port, "master", bridge)


def _add_host(stack: ExitStack, centre: DataCentre, number: int) -> None:
    name, netns, switch = f"h{number}", f"{centre.prefix}h{number}", f"{centre.prefix}sw"
    _namespace(stack, netns)
    _cable(netns, "eth1", switch, f"u{number}", "under")
    _cable(netns, "eth2", switch, f"p{number}", "public")
    address = f"{UNDERLAY}.{10 + number}"
    ip("-n", netns, "addr", "add", f"{address}/24", "dev", "eth1")
    ip("-n", netns, "link", "add", "cloudbr0", "type", "bridge", "forward_delay", "0")
    ip("-n", netns, "link", "set", "cloudbr0", "up")
    ip("-n", netns, "link", "set", "eth2", "master", "cloudbr0")
    shell = NamespaceShell(name, _hold(stack, netns), netns)
    centre.shells[name] = shell
    centre.site.hosts[name] = Access(name, address, shell, "")


def _hold(stack: ExitStack, netns: str) -> subprocess.Popen:
    """Start the first process of a host, with whose death all others die."""
    unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    private = ["--propagation", "private", "sh", "-euc", _HOLD]
    holder = subprocess.Popen(
        ["ip", "netns", "exec", netns, *unshare, *private],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    stack.callback(_end, holder)
    assert holder.stdout.readline() == b"up\n"
    return holder


def _end(holder: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        holder.kill()
    holder.wait(timeout=10)
    holder.stdout.close()
