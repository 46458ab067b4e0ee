"""Connections: opened when needed, found dead, opened anew; who is who."""

from __future__ import annotations

import socket
import subprocess
import threading
import time

import pytest
from paramiko import PKey

from cloudlab.errors import HostFault, InvalidParameter
from drivers.recorder import CommandLog
from drivers.ssh import SshHost
from drivers.world.lab_file import LabFile
from drivers.world.site_of import site_of
from tests.ssh.server import SshServer


def test_nothing_is_sent_before_it_is_needed(host, server) -> None:
    """To name a host is not yet to connect to it; two commands share a connection."""
    assert server.connections == 0
    host.run(["true"])
    host.run(["true"])
    assert server.connections == 1


def test_after_a_restart_of_the_server_commands_go_on(host, server) -> None:
    """A dead connection is replaced, and the command runs once."""
    host.run(["true"])
    server.stop()
    server.start()
    assert host.run(["echo", "again"]).text == "again"
    assert sum("again" in command for command in server.commands) == 1
    assert server.connections == 2


def test_a_command_that_may_have_begun_is_never_repeated(host, server) -> None:
    """When the connection ends under a command, the caller is told, and nobody tries again."""
    host.run(["true"])
    server.hangs_up = True
    with pytest.raises(HostFault, match=r"h1 .*lost during touch x.* is not known"):
        host.run(["touch", "x"])
    assert sum("touch" in command for command in server.commands) == 1


def test_a_connection_that_ends_in_the_middle_wakes_its_command(host, server) -> None:
    """A host that goes down while a command runs is noticed at once, not at its time-out."""
    began = time.monotonic()
    host.run(["true"])
    kill = ["sh", "-c", "sleep 0.3; echo x; sleep 20"]
    with pytest.raises(HostFault, match="connection was lost"):
        _while_stopping(server, lambda: host.run(kill))
    assert time.monotonic() - began < 5


def _while_stopping(server, act):
    timer = threading.Timer(0.6, server.stop)
    timer.start()
    try:
        return act()
    finally:
        timer.join()


def test_a_host_that_falls_silent_is_noticed(reach, server, tmp_path, new_key) -> None:
    """Where nothing answers any more, keepalives find out, and what waits is told."""
    with SilentDoor(server.port) as door:
        key = server.host_key
        known = tmp_path / "known"
        known.write_text(f"[127.0.0.1]:{door.port} {key.get_name()} {key.get_base64()}\n")
        host = reach(port=door.port, known_hosts=known, keepalive=0.2, patience=0.6)
        host.run(["true"])
        began = time.monotonic()
        door.fall_silent_in(0.3)
        with pytest.raises(HostFault, match="the host fell silent"):
            host.run(["sleep", "20"], timeout=30)
        assert time.monotonic() - began < 5


def test_a_host_that_is_silent_is_given_half_the_time_once_more(
    reach, server, tmp_path, new_key
) -> None:
    """Whoever waited in vain for a channel does not wait as long again for a connection."""
    with SilentDoor(server.port) as door:
        key = server.host_key
        known = tmp_path / "known"
        known.write_text(f"[127.0.0.1]:{door.port} {key.get_name()} {key.get_base64()}\n")
        way = {"port": door.port, "known_hosts": known, "connect_timeout": 6.0}
        host = reach(**way, keepalive=0.2, patience=0.6)
        host.run(["true"])
        door.fall_silent_in(0)
        began = time.monotonic()
        with pytest.raises(HostFault, match=r"h1 .*did not shake hands"):
            host.run(["true"], timeout=30)
        assert 3 < time.monotonic() - began < 5.5


def test_a_host_that_restarted_unnoticed_is_reached_anew(reach, server, tmp_path, new_key) -> None:
    """Its old connection is silent for ever; the command runs over a new one, once."""
    with SilentDoor(server.port) as door:
        key = server.host_key
        known = tmp_path / "known"
        known.write_text(f"[127.0.0.1]:{door.port} {key.get_name()} {key.get_base64()}\n")
        host = reach(port=door.port, known_hosts=known, keepalive=0.2, patience=0.6)
        host.run(["true"])
        door.fall_silent_in(0)
        door.is_back = True
        assert host.run(["echo", "again"], timeout=30).text == "again"
        assert sum("again" in command for command in server.commands) == 1


def test_a_lab_says_how_soon_a_silent_host_is_noticed(server, new_key) -> None:
    """Its `answer_seconds` decides: a host that died is noticed after two and a half times that."""
    with SilentDoor(server.port) as door:
        key = server.host_key
        known = new_key("ours").parent / "known"
        known.write_text(f"[127.0.0.1]:{door.port} {key.get_name()} {key.get_base64()}\n")
        login = {"key": new_key("ours"), "known_hosts": known, "port": door.port}
        hosts = [{"name": "h1", "address": "127.0.0.1"}]
        lab = LabFile(lab="x", design="none", ssh=login, hosts=hosts, answer_seconds=1)
        host = site_of(lab, CommandLog()).hosts["h1"].shell
        host.run(["true"])
        began = time.monotonic()
        door.fall_silent_in(0)
        with pytest.raises(HostFault, match="did not shake hands"):
            host.run(["true"], timeout=30)
        assert 2 <= time.monotonic() - began < 5
        host.close()


def test_an_idle_connection_is_kept_alive(reach, server) -> None:
    """A host that answers keepalives, even by refusing them, stays connected."""
    host = reach(keepalive=0.1, patience=0.5)
    host.run(["true"])
    time.sleep(1.2)
    assert server.keepalives >= 3
    host.run(["true"])
    assert server.connections == 1


def test_a_host_is_alive_while_it_answers(host, server) -> None:
    """`alive` follows the host down and up again, and runs nothing on it."""
    assert host.alive()
    server.stop()
    assert not host.alive()
    server.start()
    assert host.alive()
    assert server.commands == []


def test_a_key_that_is_not_admitted_is_refused_with_the_remedy(reach, new_key) -> None:
    """The message names host, user, key file and where to add it; nothing of the key."""
    wrong = new_key("stranger")
    with pytest.raises(HostFault) as caught:
        reach(key_path=wrong).run(["true"])
    message = str(caught.value)
    assert "does not admit root" in message
    assert str(wrong) in message
    assert "~root/.ssh/authorized_keys" in message
    assert "PRIVATE KEY" not in message


def test_a_file_that_is_no_key_is_named(reach, tmp_path) -> None:
    """A key file that is missing, empty, locked or something else is said before any login."""
    nonsense = tmp_path / "key"
    nonsense.write_text("nonsense")
    with pytest.raises(InvalidParameter, match="holds no private key"):
        reach(key_path=nonsense).run(["true"])
    with pytest.raises(InvalidParameter, match="cannot be read: No such file"):
        reach(key_path=tmp_path / "nothing").run(["true"])


def test_an_unknown_host_is_refused_unless_trust_is_asked_for(reach, server, tmp_path) -> None:
    """A host whose key nobody vouches for gets no command; trust writes its key down, 0600."""
    known = tmp_path / "new" / "known_hosts"
    with pytest.raises(HostFault, match=r"there is no such file: SHA256:.*compare it"):
        reach(known_hosts=known).run(["true"])
    assert server.commands == []
    reach(known_hosts=known, trust_first_use=True).run(["true"])
    assert known.stat().st_mode & 0o777 == 0o600
    assert reach(known_hosts=known).run(["echo", "known"]).text == "known"


@pytest.mark.parametrize("folder", ["", "new folder"])
def test_what_makes_a_host_known_can_be_typed(reach, server, tmp_path, folder) -> None:
    """The message ends with a command that does it, whether or not the file is there."""
    known = tmp_path / folder / "known"
    if not folder:
        known.write_text("other ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPwafOIyFefLg7NxRp8M\n")
    with pytest.raises(HostFault) as caught:
        reach(known_hosts=known).run(["true"])
    told, _, command = str(caught.value).partition(", then ")
    assert ("does not know" in told, "no such file" in told) == (not folder, bool(folder))
    assert "trust" not in told
    subprocess.run(["sh", "-c", command], check=True, timeout=30, capture_output=True)
    assert reach(known_hosts=known).run(["echo", "known"]).text == "known"


def test_a_changed_host_key_is_refused_even_with_trust(reach, server, new_key, known_hosts) -> None:
    """A host that shows another key than before gets nothing, and both causes are named."""
    server.stop()
    server.host_key = PKey.from_path(new_key("impostor"))
    server.start()
    before = known_hosts.read_bytes()
    with pytest.raises(HostFault, match=r"not the one in .*another machine.*ssh-keygen -R"):
        reach(trust_first_use=True).run(["true"])
    assert (server.commands, known_hosts.read_bytes()) == ([], before)


def test_a_port_where_nothing_listens_is_named(reach, server) -> None:
    """A refused connection names host, port and remedy."""
    server.stop()
    with pytest.raises(HostFault, match=rf"127.0.0.1:{server.port}\) .*refused; nothing listens"):
        reach().run(["true"])


def test_a_host_that_does_not_answer_is_given_up_in_time(reach) -> None:
    """Where packets vanish, no more than the time allowed is waited."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        began = time.monotonic()
        with pytest.raises(HostFault, match=r"h1 .*(did not shake hands|no answer)"):
            reach(port=deaf.getsockname()[1], connect_timeout=0.5).run(["true"])
        assert time.monotonic() - began < 4


def test_a_name_that_nobody_knows_is_named(reach) -> None:
    """An address without an answer in DNS says so."""
    with pytest.raises(HostFault, match="its name is unknown; correct it"):
        reach(address="no-such-host.invalid").run(["true"])


def test_a_socket_leads_to_a_host_without_network(tmp_path, new_key) -> None:
    """A UNIX socket does as well as an address; the host key is known by the host's name."""
    door = tmp_path / "door"
    keys = [PKey.from_path(new_key(name)) for name in ("host", "ours")]
    server = SshServer(tmp_path, *keys, door=door)
    known = tmp_path / "known"
    known.write_text(f"h8 {keys[0].get_name()} {keys[0].get_base64()}\n")
    way = {"key_path": new_key("ours"), "known_hosts": known, "sock_path": door}
    try:
        with pytest.raises(HostFault, match=r"add a line to \S+/known: h7, a space, and what that"):
            SshHost("h7", **way).run(["true"])
        known.write_text(f"h7 {keys[0].get_name()} {keys[0].get_base64()}\n")
        with SshHost("h7", **way) as host:
            assert host.run(["echo", "in"]).text == "in"
            server.stop()
            with pytest.raises(HostFault, match="the socket is not there"):
                host.run(["true"])
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("more", "message"), [({"port": 0}, "1 to 65535"), ({"address": ""}, "neither")]
)
def test_a_way_that_leads_nowhere_is_refused_at_once(reach, more, message) -> None:
    """A port out of range, or no address at all, is said before anything is sent."""
    with pytest.raises(InvalidParameter, match=message):
        reach(**more)


class SilentDoor:
    """Stands between two sockets, and stops handing anything on when told.

    Attributes:
        is_back: whether who comes after that is let in.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._silent_at = float("inf")
        self.is_back = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._socks: list[socket.socket] = []

    def fall_silent_in(self, seconds: float) -> None:
        """Hand nothing on from then on."""
        self._silent_at = time.monotonic() + seconds

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        for sock in (self._listener, *self._socks):
            sock.close()

    def _serve(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            self._socks += [near, far]
            is_free = self.is_back
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(*ends, is_free), daemon=True).start()

    def _pass(self, here, there, is_free):
        try:
            while data := here.recv(65_536):
                if is_free or time.monotonic() < self._silent_at:
                    there.sendall(data)
        except OSError:
            return
