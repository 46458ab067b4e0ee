"""What was sent is written down, without secrets; steps are timed as simulators name them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cloudlab.errors import DriverFault, HostFault, InvalidParameter
from cloudlab.tracing import Stopwatch, timed
from cloudlab.views.sent import NothingSent
from drivers.recorder import CommandLog, Secrets
from simulator.latency import STEPS, fit, sizes_of
from tests.support.clouds import SLOW, build, slow

PASSWORD = "it's a s3cret/&"


def test_every_command_is_written_down(host) -> None:
    """Commands and files are in the log with host, way, outcome and duration."""
    host.run(["echo", "a b"])
    host.run(["sh", "-c", "echo no >&2; exit 3"])
    host.put(b"12345", "/file", 0o644)
    first, second, third = host.log.entries()
    assert (first.host, first.kind, first.text, first.ok) == ("h1", "ssh", "echo 'a b'", True)
    assert (second.ok, second.error) == (False, "exit code 3: no")
    assert (third.kind, third.text) == ("sftp", "put 5 bytes to /file with mode 0644")
    assert all(entry.seconds > 0 for entry in host.log.entries())


def test_what_never_arrived_is_written_down_too(host, server) -> None:
    """A host that cannot be reached leaves an entry with the reason."""
    server.stop()
    with pytest.raises(HostFault):
        host.run(["reboot"])
    (entry,) = host.log.entries(failed=True)
    assert entry.text == "reboot"
    assert "nothing listens there" in entry.error


@pytest.mark.parametrize("argument", [PASSWORD, f"--password={PASSWORD}"])
def test_secrets_are_in_no_log_and_no_message(reach, argument) -> None:
    """A declared secret is blotted out of commands, complaints and errors."""
    host = reach(log=CommandLog(secrets=Secrets(PASSWORD)))
    with pytest.raises(DriverFault) as caught:
        host.check(["sh", "-c", 'echo "bad: $1" >&2; exit 1', "sh", argument])
    for text in (str(caught.value), repr(host.log), str(host.log.rows()), host.log._repr_html_()):
        assert "s3cret" not in text
    assert str(caught.value).endswith("•••")


def test_input_is_in_no_log(host) -> None:
    """What goes in by standard input is counted, not told."""
    host.run(["cat"], input=b"password")
    (entry,) = host.log.entries()
    assert entry.text == "cat  (8 bytes of input)"


def test_secrets_are_hidden_as_documents_write_them() -> None:
    """Shells, XML, URLs and base64 write a secret in ways of their own."""
    secrets = Secrets(PASSWORD)
    for written in ("it&#x27;s a s3cret/&amp;", "it%27s%20a%20s3cret/%26", "aXQncyBhIHMzY3JldC8m"):
        assert secrets.hide(f"<{written}>") == "<•••>"
    assert "s3cret" not in repr(secrets)


def test_a_secret_too_short_to_hide_is_refused() -> None:
    """Three letters would blot out ordinary words."""
    with pytest.raises(InvalidParameter, match="has 3 characters; it must have 4 or more"):
        Secrets("abc")


def test_the_log_keeps_the_last_and_tells_hosts_apart() -> None:
    """The log is bounded, and filtered by host and way."""
    log = CommandLog(size=3, clock=lambda: 1000.0)
    for host, kind in (("h1", "ssh"), ("h2", "ssh"), ("h1", "libvirt"), ("h2", "libvirt")):
        log.note(host, kind, "list", 0.25)
    assert len(log) == 3
    assert [entry.kind for entry in log.entries(host="h2")] == ["ssh", "libvirt"]
    assert [entry.host for entry in log.entries(kind="libvirt")] == ["h1", "h2"]
    (row,) = log.rows(host="h1")
    assert (row["at"], row["seconds"], row["text"]) == (999.75, 0.25, "list")
    assert "3 commands to 2 hosts, 0 failed" in repr(log)


def test_the_log_is_looked_at_as_timings_are() -> None:
    """One entry by its place, some as a table, all as a frame; a simulation's has none."""
    log = CommandLog()
    for number in range(7):
        log.note("h1", "ssh", f"echo {number}", 0.1)
    assert log[-1].text == "echo 6"
    assert [each.text for each in log[-2:]] == ["echo 5", "echo 6"]
    assert "<td>echo 5</td>" in log[-2:]._repr_html_()
    assert list(log.frame()["text"]) == [each.text for each in log]
    none = NothingSent()
    assert (list(none), list(none[-5:])) == ([], [])
    assert list(none.frame().columns) == list(log.frame().columns)
    with pytest.raises(IndexError):
        none[0]


def test_many_threads_write_at_once() -> None:
    """No entry is lost."""
    log = CommandLog()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: log.note("h1", "ssh", str(n), 0.0), range(500)))
    assert sorted(int(entry.text) for entry in log.entries()) == list(range(500))


def test_what_is_shown_cannot_break_out_of_its_table() -> None:
    """Commands with markup in them are text."""
    log = CommandLog()
    log.note("h1", "ssh", "<script>", 0.1)
    assert "<script>" not in log._repr_html_()


def test_every_step_is_timed_as_a_simulator_names_and_sizes_it() -> None:
    """A deploy through timed ports tells each step's name, subject, size and true duration."""
    world = build(latency=slow(), wired=False)
    cloud, watch = world.cloud, Stopwatch()
    cloud.ports = timed(cloud.ports, lambda: cloud.engine.now, watch)
    vm = world.deploy("a")
    told = {timing.step: timing for timing in watch.timings}
    assert set(told) <= set(STEPS)
    start = told["hypervisor.start"]
    assert (start.subject, start.ram_gib, start.disk_gib) == (str(vm), 1.0, 0.0)
    assert (told["blocks.create"].disk_gib, told["images.stage"].disk_gib) == (2.0, 2.0)
    for step, timing in told.items():
        assert timing.seconds == pytest.approx(SLOW.get(step, 0.0))
        assert timing.ok
        assert ("disk_gib" in sizes_of(step)) == (timing.disk_gib > 0)
        assert ("ram_gib" in sizes_of(step)) == (timing.ram_gib > 0)


def test_timings_become_a_latency_profile() -> None:
    """What was measured can be fitted: the simulator then takes as long."""
    world = build(latency=slow(), wired=False)
    cloud, watch = world.cloud, Stopwatch()
    cloud.ports = timed(cloud.ports, lambda: cloud.engine.now, watch)
    world.deploy("a")
    profile = fit(watch.samples())
    assert profile.takes("hypervisor.start") == pytest.approx(SLOW["hypervisor.start"])
    assert "hypervisor.start 1 x 8 s" in repr(watch)


def test_a_step_that_fails_is_timed_but_no_sample() -> None:
    """A failure is told as one, and calibrates nothing."""
    world = build(latency=slow(), wired=False)
    cloud, watch = world.cloud, Stopwatch()
    cloud.ports = timed(cloud.ports, lambda: cloud.engine.now, watch)
    world.fail("hypervisor.start", HostFault("no", "h1"))
    world.deploy("a")
    outcomes = [timing.ok for timing in watch.timings if timing.step == "hypervisor.start"]
    assert outcomes == [False, True]
    assert len(watch.samples()["hypervisor.start"]) == 1


def test_what_is_no_step_passes_through() -> None:
    """Timed ports are still the ports: the rest of them is untouched."""
    ports = build(latency=slow(), wired=False).cloud.ports
    through = timed(ports, lambda: 0.0, Stopwatch())
    assert through.hypervisor.outside is ports.hypervisor.outside
    assert through.are_instant is ports.are_instant


def test_a_script_is_one_line_that_opens() -> None:
    """A notebook shows the first line of a script, and all of it when it is clicked."""
    log = CommandLog()
    log.note("h1", "ssh", "set -e\nrm <b>\nexit 3", 0.1)
    log.note("h1", "ssh", "uptime", 0.1)
    shown = log._repr_html_()
    opened = (
        "<details><summary><code>set -e</code> … 2 more lines</summary><pre>set -e\nrm &lt;b&gt;"
    )
    assert opened in shown
    assert "<td><code>uptime</code></td>" in shown
    assert [line.count("exit 3") for line in repr(log).splitlines()] == [0, 1, 0]
