"""What comes back from a command: exit code, bytes, and what became of it in bad hours."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cloudlab.errors import DriverFault, HostFault


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_exit_codes_come_back(host, code) -> None:
    """The exit code of a command is told as it is, and only 0 is well."""
    done = host.run(["sh", "-c", f"exit {code}"])
    assert (done.exit_code, done.ok) == (code, code == 0)


def test_an_end_by_a_signal_is_told_as_shells_do(host) -> None:
    """A command that was killed has ended, with 128 and the signal's number."""
    assert host.run(["sh", "-c", "kill -9 $$"]).exit_code == 137


def test_output_and_complaints_come_back_byte_by_byte(host) -> None:
    """Both streams arrive whole and apart, whatever bytes they have."""
    done = host.run(["sh", "-c", r"printf 'a\000\377\n'; printf 'b\r\n' >&2"])
    assert (done.stdout, done.stderr) == (b"a\x00\xff\n", b"b\r\n")
    assert done.complaint == "b"


def test_arguments_arrive_as_they_were_given(host) -> None:
    """No shell on the way takes an argument apart or a dollar for its own."""
    words = ["a b", "$HOME", "it's", '"', "*", "", "; exit 7", "ü\n"]
    done = host.check(["printf", r"%s\0", *words])
    assert done.stdout.decode().split("\0")[:-1] == words


def test_much_input_and_output_at_once_does_not_block(host) -> None:
    """A command that answers while it reads is read while it is fed."""
    data = bytes(range(256)) * 20_000
    assert host.run(["cat"], input=data).stdout == data


def test_input_that_nobody_reads_is_no_error(host) -> None:
    """A command may end before it has read all of its input."""
    assert host.run(["true"], input=b"x" * 5_000_000).ok


def test_a_failed_command_is_told_with_its_last_complaint(host) -> None:
    """`check` names host, command, exit code and the last line of the complaints."""
    with pytest.raises(DriverFault) as caught:
        host.check(["sh", "-c", "echo first >&2; echo no such bridge >&2; exit 4"])
    message = str(caught.value)
    assert message.startswith("h1: sh -c ")
    assert message.endswith(": exit code 4: no such bridge")


def test_a_command_that_does_not_exist_says_so(host) -> None:
    """What is not installed ends with 127 and its name."""
    with pytest.raises(DriverFault, match=r"exit code 127: .*no-such-command"):
        host.check(["no-such-command"])


def test_a_command_that_takes_too_long_is_ended_here_and_there(host, tmp_path) -> None:
    """After its time a command is given up, its process ended, and the host named."""
    began = time.monotonic()
    late = f"sleep 2.5; touch {tmp_path / 'late'}"
    with pytest.raises(HostFault, match=r"h1 .*sleep 2.5.* did not end within 0.3 s") as caught:
        host.run(["sh", "-c", late], timeout=0.3)
    assert time.monotonic() - began < 2
    assert caught.value.host_name == "h1"
    time.sleep(2.8)
    assert not (tmp_path / "late").exists()


def test_the_connection_outlives_a_command_that_took_too_long(host, server) -> None:
    """Only the channel is given up: what comes next needs no new connection."""
    with pytest.raises(HostFault):
        host.run(["sleep", "5"], timeout=0.2)
    assert host.run(["echo", "on"]).text == "on"
    assert server.connections == 1


def test_a_service_left_behind_does_not_hold_its_command(host) -> None:
    """A command has ended when it has, even if its child keeps its output open."""
    began = time.monotonic()
    done = host.run(["sh", "-c", "echo started; sleep 3 & exit 0"])
    assert (done.exit_code, done.text) == (0, "started")
    assert time.monotonic() - began < 2.5


def test_commands_of_many_threads_run_at_once_on_one_connection(host, server) -> None:
    """Eight commands take about as long as one, and each gets its own answer."""
    host.run(["true"])
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda n: host.run(["sh", "-c", f"sleep 0.5; echo {n}"]).text, range(8))
        assert list(answers) == [str(n) for n in range(8)]
    assert time.monotonic() - began < 2.5
    assert server.connections == 1


def test_no_more_channels_are_open_than_the_server_allows(reach, server) -> None:
    """Threads wait for a free channel, and are told when none comes free in time."""
    host = reach(at_once=1)
    host.run(["true"])
    slow = threading.Thread(target=host.run, args=(["sleep", "1"],))
    slow.start()
    while len(server.commands) < 2:
        time.sleep(0.01)
    with pytest.raises(HostFault, match=r"no channel free within 0.2 s"):
        host.run(["true"], timeout=0.2)
    assert host.run(["echo", "my turn"]).text == "my turn"
    slow.join()
