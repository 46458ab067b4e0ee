"""Power switches of real machines, worked against stand-ins for their boards."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from cloudlab.errors import DriverFault
from drivers.power import IpmiSwitch, RedfishSwitch, SshSwitch
from drivers.site import Done

PASSWORD = "s3cret'\"$(x)"

IPMITOOL = """#!/bin/sh
echo "$@" >> "$0.log"
[ "$IPMI_PASSWORD" = "$(cat "$0.password")" ] || { echo "Unable to establish session" >&2; exit 1; }
for last; do :; done
case $last in
  status) echo "Chassis Power is $(cat "$0.state")" ;;
  on|off) printf %s "$last" > "$0.state"; echo "Chassis Power Control" ;;
esac
"""


@pytest.fixture
def ipmitool(tmp_path: Path) -> Path:
    """A program that behaves as ipmitool does towards one board."""
    tool = tmp_path / "ipmitool"
    tool.write_text(IPMITOOL)
    tool.chmod(0o755)
    Path(f"{tool}.state").write_text("on")
    Path(f"{tool}.password").write_text(PASSWORD)
    return tool


def test_an_ipmi_board_is_switched(ipmitool: Path) -> None:
    """Off, and on again; the password is on no command line."""
    switch = IpmiSwitch("10.0.9.1", "admin", PASSWORD, tool=str(ipmitool))
    assert switch.is_on()
    switch.off()
    assert not switch.is_on()
    switch.on()
    assert switch.is_on()
    sent = Path(f"{ipmitool}.log").read_text()
    assert "-I lanplus -H 10.0.9.1 -U admin -E chassis power off" in sent
    assert "s3cret" not in sent
    assert "IPMI_PASSWORD" not in os.environ


def test_an_ipmi_board_that_refuses_is_a_fault(ipmitool: Path) -> None:
    """With its own last words, and without the password."""
    switch = IpmiSwitch("10.0.9.1", "admin", "wrong", tool=str(ipmitool))
    with pytest.raises(DriverFault, match="refused power status: Unable to establish") as fault:
        switch.is_on()
    assert "wrong" not in str(fault.value)
    Path(f"{ipmitool}.state").write_text("confused")
    with pytest.raises(DriverFault, match="says 'chassis power is confused' of its power"):
        IpmiSwitch("10.0.9.1", "admin", PASSWORD, tool=str(ipmitool)).is_on()


def test_without_ipmitool_the_message_says_how_to_get_it(tmp_path: Path) -> None:
    """As root, by its package."""
    switch = IpmiSwitch("10.0.9.1", "admin", PASSWORD, tool=str(tmp_path / "gone"))
    with pytest.raises(DriverFault, match="apt-get install ipmitool"):
        switch.off()


class Board(BaseHTTPRequestHandler):
    """One system of a Redfish service; refuses to switch off what is off, as real ones do."""

    state = "On"
    asked: ClassVar[list[str]] = []
    token = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Tell the power state."""
        self._answer(200, {"PowerState": Board.state})

    def do_POST(self) -> None:
        """Reset."""
        length = int(self.headers["Content-Length"])
        kind = json.loads(self.rfile.read(length))["ResetType"]
        wanted = {"ForceOff": "Off", "On": "On"}[kind]
        if not self.path.endswith("/Actions/ComputerSystem.Reset") or wanted == Board.state:
            return self._answer(409, {})
        Board.asked.append(kind)
        Board.state = wanted
        return self._answer(200, {})

    def _answer(self, code: int, document: dict[str, str]) -> None:
        if self.headers["Authorization"] != f"Basic {Board.token}":
            code, document = 401, {}
        data = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def redfish() -> Iterator[str]:
    """The address of a board that is on."""
    Board.state, Board.asked = "On", []
    with ThreadingHTTPServer(("127.0.0.1", 0), Board) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/redfish/v1/Systems/1"
        server.shutdown()
        thread.join()


def test_a_redfish_board_is_switched(redfish: str) -> None:
    """Off and on; what is so already is not asked for again."""
    switch = RedfishSwitch(redfish, "admin", PASSWORD)
    for _ in range(2):
        switch.off()
        assert not switch.is_on()
    for _ in range(2):
        switch.on()
        assert switch.is_on()
    assert Board.asked == ["ForceOff", "On"]


@pytest.mark.parametrize(
    ("password", "state", "message"),
    [("wrong", "On", "answered 401"), (PASSWORD, "Unplugged", "says 'Unplugged' of its power")],
)
def test_a_redfish_board_that_does_not_say_is_a_fault(
    redfish: str, password: str, state: str, message: str
) -> None:
    """One message, without the password."""
    Board.state = state
    with pytest.raises(DriverFault, match=message) as fault:
        RedfishSwitch(redfish, "admin", password).is_on()
    assert password not in str(fault.value)


def test_a_board_that_is_not_there_is_a_fault() -> None:
    """Refused connections, and addresses that are none."""
    with pytest.raises(DriverFault, match="does not answer"):
        RedfishSwitch("http://127.0.0.1:9/redfish/v1/Systems/1", "a", "b").is_on()
    with pytest.raises(DriverFault, match="is no address of a Redfish service"):
        RedfishSwitch("file:///etc/passwd", "a", "b").is_on()


class Strip:
    """A shell on a machine that switches one outlet."""

    def __init__(self) -> None:
        self.state, self.typed, self.answers = "running", [], True

    def check(self, argv: Sequence[str], *, timeout: float = 30.0) -> Done:
        """Run a command."""
        self.typed.append(list(argv))
        if argv[1] in {"destroy", "start"}:
            self.state = "shut off" if argv[1] == "destroy" else "running"
        said = self.state if self.answers else ""
        return Done(0, f"{said}\n".encode(), b"", 0.0)


def test_somebody_else_switches_over_ssh() -> None:
    """By the commands that were given, and only where there is something to do."""
    strip = Strip()
    switch = SshSwitch(
        strip,
        off="virsh destroy 'h 1'",
        on="virsh start h1",
        status="virsh domstate h1",
        is_on="^running$",
    )
    switch.on()
    switch.off()
    switch.off()
    assert not switch.is_on()
    acts = [words for words in strip.typed if words[1] != "domstate"]
    assert acts == [["virsh", "destroy", "h 1"]]
    switch.on()
    assert switch.is_on()
    strip.answers = False
    with pytest.raises(DriverFault, match="said nothing of the power"):
        switch.is_on()
