"""The report files of a plan: which were asked for, whether they can be written, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cloudlab.cli.console import say
from cloudlab.cli.failures import missing
from cloudlab.cli.outputs import check_target, whole_files
from cloudlab.errors import InvalidParameter

if TYPE_CHECKING:
    from simulator.planning import Plan

STDOUT: Final = Path("-")


@dataclass(frozen=True, slots=True)
class Reports:
    """Where a plan goes besides the terminal; None: not asked for.

    Attributes:
        json: the plan for programs; `-` is stdout.
        html: the page that opens offline.
        xlsx: the workbook.
    """

    json: Path | None = None
    html: Path | None = None
    xlsx: Path | None = None

    @property
    def prints_json(self) -> bool:
        """Whether stdout belongs to the JSON."""
        return self.json == STDOUT

    @property
    def files(self) -> dict[str, Path]:
        """The files to write, by option."""
        asked = {"--json": self.json, "--html": self.html, "--xlsx": self.xlsx}
        return {
            option: path
            for option, path in asked.items()
            if path is not None and not (option == "--json" and self.prints_json)
        }

    def check(self, inputs: Sequence[Path]) -> None:
        """Refuse, before any work is done, what could not be written at its end.

        Raises:
            InvalidParameter: a target is no place for a file, is one of `inputs` or is asked
                for twice, or a package that writes it is not installed.
        """
        for option, path in self.files.items():
            if path == STDOUT:
                raise InvalidParameter(f"{option} is -; only --json can be printed, name a file")
            check_target(option, path, inputs=inputs)
        if len({path.resolve() for path in self.files.values()}) < len(self.files):
            raise InvalidParameter(f"{', '.join(self.files)}: give each a file of its own")
        for option, package in _WRITERS:
            if option in self.files and find_spec(package) is None:
                raise InvalidParameter(f"{option}: {missing(package)}")

    def show(self, plan: Plan, *, quiet: bool) -> None:
        """Print the plan: as JSON where that was asked for, else as text unless `quiet`."""
        if self.prints_json:
            say(plan.to_json())
        elif not quiet:
            say(plan.to_text())

    def write(self, plan: Plan) -> None:
        """Write every file that was asked for, or none.

        Raises:
            InvalidParameter: one cannot be written.
        """
        with whole_files(*self.files.values()) as parts:
            for option, part in zip(self.files, parts, strict=True):
                if option == "--json":
                    part.write_text(plan.to_json(), encoding="utf-8")
                elif option == "--html":
                    part.write_text(plan.to_html(), encoding="utf-8")
                else:
                    plan.to_xlsx(part)


_WRITERS: Final = (
    ("--html", "jinja2"),
    ("--html", "matplotlib"),
    ("--xlsx", "xlsxwriter"),
)
"""What writes what, so that a missing package is told before the plan is made."""
