"""The same laws against OpenSSH's own server, on a free port of this machine's loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cloudlab.errors import HostFault
from drivers.ssh import SshHost
from tests.ssh.long import LONG, appears

pytestmark = pytest.mark.real

CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/admitted
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
UseDNS no
StrictModes no
PidFile none
Subsystem sftp internal-sftp
"""


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@pytest.fixture
def openssh(tmp_path, new_key):
    """A host behind a real sshd, which sees a /run and a /root of its own."""
    if shutil.which("sshd", path="/usr/sbin:/usr/bin") is None:
        pytest.skip("no sshd; apt-get install openssh-server")
    port, config = free_port(), tmp_path / "config"
    shutil.copy(new_key("host"), tmp_path / "host")
    shutil.copy(f"{new_key('ours')}.pub", tmp_path / "admitted")
    config.write_text(CONFIG.format(port=port, folder=tmp_path))
    (tmp_path / "root").mkdir()
    script = (
        "mount -t tmpfs tmpfs /run && mkdir /run/sshd && mount --bind $0/root /root && "
        "exec /usr/sbin/sshd -D -e -f $0/config"
    )
    command = ["unshare", "--mount", "sh", "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            known = tmp_path / "known"
            way = {"key_path": new_key("ours"), "known_hosts": known, "trust_first_use": True}
            with SshHost("h1", "127.0.0.1", port, **way) as host:
                yield host
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"sshd does not listen on {port}")


def test_commands_end_as_they_do_on_the_machine(openssh) -> None:
    """Exit codes, ends by a signal, output and input are those of the command."""
    assert openssh.run(["sh", "-c", "cat; exit 3"], input=b"\x00\xff").exit_code == 3
    assert openssh.run(["cat"], input=b"\x00\xff" * 500_000).stdout == b"\x00\xff" * 500_000
    assert openssh.run(["sh", "-c", "kill -9 $$"]).exit_code == 137


def test_a_late_command_is_ended_on_the_machine(openssh, tmp_path) -> None:
    """What took too long is gone from the machine a little later, and the connection goes on."""
    with pytest.raises(HostFault, match=r"did not end within 0.3 s"):
        openssh.run(["sh", "-c", f"sleep 2.5; touch {tmp_path}/late"], timeout=0.3)
    assert openssh.run(["true"]).ok
    time.sleep(2.8)
    assert not (tmp_path / "late").exists()


ORCHESTRATOR = """\
import sys
from pathlib import Path
from drivers.ssh import SshHost
port, key, known, folder = sys.argv[1:]
host = SshHost("h1", "127.0.0.1", int(port), key_path=Path(key), known_hosts=Path(known))
host.run(["sh", "-c", sys.stdin.read(), "sh", folder], stoppable=True)
"""


def test_what_a_killed_orchestrator_wanted_ends_on_the_machine(openssh, tmp_path) -> None:
    """Not an hour later: nobody is left who could undo what it would still write."""
    target = openssh.target
    openssh.run(["true"])  # the key of the machine is known from here on
    words = (str(target.port), str(target.key_path), str(target.known_hosts), str(tmp_path))
    argv = [sys.executable, "-c", ORCHESTRATOR, *words]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        process.stdin.write(LONG)
        process.stdin.close()
        assert appears(tmp_path / "begun")
        process.kill()
    assert appears(tmp_path / "ended")
    assert (tmp_path / "ended").read_text() == "143\n"
    assert not (tmp_path / "late").exists()


def test_files_go_both_ways_with_their_mode(openssh, tmp_path) -> None:
    """SFTP of OpenSSH takes files whole, with the mode asked for."""
    content, there = bytes(range(256)) * 10_000, Path(f"{tmp_path}/file")
    openssh.put(content, str(there), 0o640)
    assert openssh.get(str(there)) == content
    assert there.stat().st_mode & 0o777 == 0o640
    assert not list(tmp_path.glob("*.part"))
