"""Guests that are namespaces: what a machine would do on its NIC, without the machine."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from typing import Self

from cloudlab.model import Nic
from drivers import naming
from drivers.site import Done
from tests.real.network.hosts import NamespaceShell

_ASK_DHCP = """
case $1 in
    bound|renew)
        ip addr flush dev eth0
        ip addr add "$ip/$mask" dev eth0
        [ -z "${router:-}" ] || ip route replace default via "$router"
        echo "$ip $mask router=${router:-} dns=${dns:-} name=${hostname:-} domain=${domain:-}" ;;
esac
"""


@dataclass(frozen=True)
class Guest:
    """A namespace on a host whose eth0 is at the other end of a NIC's device."""

    shell: NamespaceShell
    nic: Nic

    @property
    def name(self) -> str:
        """What the namespace is called."""
        return f"guest-{self.nic.id}"

    def __enter__(self) -> Self:
        """Switch it on, as a hypervisor would: the device goes to the network's bridge."""
        tap, bridge = naming.tap(self.nic), naming.bridge(self.nic.network)
        self.shell.check(
            ["sh", "-euc", _SWITCH_ON, self.name, tap, bridge, self.nic.mac],
        )
        return self

    def __exit__(self, *_error: object) -> None:
        """Switch it off."""
        if self.shell.holder.poll() is None:
            self.shell.run(["sh", "-c", _SWITCH_OFF, self.name, naming.tap(self.nic)])

    def run(self, *argv: str, timeout: float = 15.0) -> Done:
        """Run a command in it."""
        return self.shell.run(["ip", "netns", "exec", self.name, *argv], timeout=timeout)

    def address(self, address: str, gateway: str = "") -> Guest:
        """Set its address by hand."""
        self.run("ip", "addr", "replace", f"{address}/24", "dev", "eth0")
        if gateway:
            self.run("ip", "route", "replace", "default", "via", gateway)
        return self

    def lease(self) -> str:
        """Ask for an address by DHCP and return what was got; empty for nothing."""
        ask = "mkdir -p /run/guest; cat > /run/guest/ask; chmod 755 /run/guest/ask"
        self.shell.check(["sh", "-c", ask], input=b"#!/bin/sh\n" + _ASK_DHCP.encode())
        client = ["busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-t", "2", "-T", "1", "-f"]
        lines = self.run(*client, "-s", "/run/guest/ask").stdout.decode().splitlines()
        return next((line for line in lines if "router=" in line), "")

    def reaches(self, address: str, tries: int = 1) -> bool:
        """Return whether a ping comes back."""
        ping = self.run("ping", "-n", "-c", str(tries), "-i", "0.2", "-W", "1", address)
        return ping.exit_code == 0

    def fetch(self, url: str, *options: str) -> str:
        """Return what is at `url`, `failed` if nothing."""
        done = self.run("curl", "-sf", "--connect-timeout", "1", "--max-time", "3", *options, url)
        return done.text if done.exit_code == 0 else "failed"

    def listen(self, port: int, text: str) -> None:
        """Serve `text` by HTTP on a port until the guest is switched off."""
        folder = f"/run/guest/{self.name}-{port}"
        server = f"mkdir -p {folder}; echo '{text}' > {folder}/index.html; "
        server += f"exec busybox httpd -p {port} -h {folder}"
        self.run("sh", "-c", server)
        self._wait_for(port)

    def stop(self, port: int) -> None:
        """Serve no more on a port."""
        self.run("sh", "-c", f"kill $(pgrep -f 'httpd -p {port} -h .*{self.name}-')")

    def hears(self, sender: Guest, source: str, *, port: int = 9, source_port: int = 99) -> bool:
        """Return whether a datagram arrives that `sender` sends from the address `source`."""
        argv = ["/usr/bin/python3", "-uc", _EAR, self.nic.ip, str(port)]
        inside = [*self.shell.enter, "ip", "netns", "exec", self.name, *argv]
        with subprocess.Popen(inside, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as ear:
            assert ear.stdout.readline() == b"listening\n"
            words = f"UDP-SENDTO:{self.nic.ip}:{port},bind={source}:{source_port},reuseaddr"
            for _ in range(2):
                sender.run("sh", "-c", f"echo heard | socat -u STDIN {words}")
            return ear.stdout.read() != b""

    def _wait_for(self, port: int) -> None:
        for _ in range(100):
            if f":{port} " in self.run("ss", "-Hltn").text:
                return
            time.sleep(0.02)
        raise AssertionError(f"{self.name} does not listen on {port}")


_EAR = """
import socket, sys
ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ear.bind((sys.argv[1], int(sys.argv[2])))
ear.settimeout(0.7)
print("listening")
try:
    print(ear.recv(100))
except TimeoutError:
    pass
"""

_SWITCH_OFF = """
kill -9 $(ip netns pids "$0")
ip link delete "$1"
ip netns delete "$0"
"""

_SWITCH_ON = """
ip netns add "$0"
ip link add "$1" type veth peer name eth0 netns "$0" address "$3"
ip link set "$1" master "$2" up
ip -n "$0" link set lo up
ip -n "$0" link set eth0 up
"""
