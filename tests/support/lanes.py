"""Lanes: tests that need more of the machine.

They run first, and the summary says how long each part took; where they cannot run they skip
together, and one loud line says why.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from math import inf
from typing import Final

import pytest


@dataclass(frozen=True, slots=True)
class Lane:
    """A mark whose tests run only where the machine has what they need."""

    mark: str
    commands: tuple[str, ...]
    modules: tuple[str, ...]
    remedy: str
    root: bool = False

    def missing(self) -> list[str]:
        """Return what this machine lacks, empty when the lane can run."""
        lacking = [name for name in self.commands if shutil.which(name) is None]
        lacking += [f"Python's {name}" for name in self.modules if find_spec(name) is None]
        if self.root and os.geteuid() != 0:
            lacking.append("root")
        return lacking


LANES: Final = (
    Lane(
        mark="browser",
        commands=("chromium", "chromedriver"),
        modules=("selenium", "jupyterlab"),
        remedy="apt-get install chromium chromium-driver, then make setup",
    ),
    Lane(
        mark="real",
        commands=(
            *("libvirtd", "virsh", "qemu-system-x86_64", "qemu-img", "ip", "nft", "ping"),
            *("sshd", "dnsmasq", "haproxy", "curl", "busybox", "dropbear", "mke2fs"),
            *("mkfs.vfat", "mcopy", "syslinux"),
        ),
        modules=("libvirt", "paramiko", "sqlalchemy"),
        remedy="docs/real-hosts.md has the apt-get line; as root, then make setup",
        root=True,
    ),
)


@dataclass(slots=True)
class Spent:
    """What the tests of a lane took, set-up and clearing away included."""

    tests: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    """Both by file."""
    begin: float = inf
    end: float = -inf

    def add(self, report: pytest.TestReport) -> None:
        """Count one phase of a test."""
        file = report.nodeid.partition("::")[0]
        self.tests[file] += report.when == "call"
        self.seconds[file] += report.duration
        self.begin, self.end = min(self.begin, report.start), max(self.end, report.stop)

    def lines(self, mark: str) -> Iterator[str]:
        """Yield how long the lane took, then its parts, the longest first."""
        minutes, seconds = divmod(round(self.end - self.begin), 60)
        count, work = self.tests.total(), self.seconds.total()
        yield (
            f"{mark} lane: {count} test{'s' * (count != 1)}, {minutes} min {seconds} s from the "
            f"first to the last; {work:.0f} s in all, by part:"
        )
        for file, took in sorted(self.seconds.items(), key=lambda part: (-part[1], part[0])):
            yield f"{took:7.1f} s {self.tests[file]:4} {file}"


class Lanes:
    """The plug-in: skips closed lanes, says so once, and calls a run without tests a failure."""

    def __init__(self, lanes: tuple[Lane, ...] = LANES) -> None:
        self.closed = {lane.mark: missing for lane in lanes if (missing := lane.missing())}
        self.remedies = {lane.mark: lane.remedy for lane in lanes}
        self.skipped: Counter[str] = Counter()
        self.spent: defaultdict[str, Spent] = defaultdict(Spent)
        """By mark: what the tests of an open lane took."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Mark cells of notebooks as such, skip the tests of closed lanes, run open ones first.

        They take longest: two workers end together when what is left over is short.
        """
        for item in items:
            if item.path.suffix == ".ipynb":
                item.add_marker(pytest.mark.notebook)
            if item.get_closest_marker("real"):
                # Emulated guests on a busy machine miss a deadline now and then; the summary
                # names every second try, and a defect that always shows fails both.
                item.add_marker(pytest.mark.flaky(reruns=1))
            for mark in self.remedies:
                if item.get_closest_marker(mark):
                    item.user_properties.append(("lane", mark))
                    if missing := self.closed.get(mark):
                        lacks = f"{mark}: no {', '.join(missing)}"
                        item.add_marker(pytest.mark.skip(reason=lacks))
        first = {item.path for item in items if item.get_closest_marker("real")}
        items.sort(key=lambda item: item.path not in first)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what the closed lanes keep from running, and what the open ones take."""
        for mark in [str(mark) for name, mark in report.user_properties if name == "lane"]:
            if mark not in self.closed:
                self.spent[mark].add(report)
            elif report.when == "setup":
                self.skipped[mark] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the parts of each open lane took, and in a loud line what a closed one lacks."""
        for mark, spent in self.spent.items():
            for line in spent.lines(mark):
                terminalreporter.write_line(line)
        for mark in self.skipped:
            terminalreporter.write_line(self.line(mark), red=True, bold=True)

    def line(self, mark: str) -> str:
        """Return the loud line: how many tests did not run, what is missing, what to do."""
        count = self.skipped[mark]
        return (
            f"{mark.upper()} LANE DID NOT RUN: {count} test{'s' * (count != 1)} skipped, this "
            f"machine has no {', '.join(self.closed[mark])} ({self.remedies[mark]})"
        )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Turn a green run in which every test was skipped into "no tests ran"."""
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if exitstatus != pytest.ExitCode.OK or session.config.option.collectonly or not reporter:
            return
        if not any(reporter.stats.get(outcome) for outcome in ("passed", "xfailed")):
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
