"""The VMs as a table that can be filtered and sorted, page by page."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from cloudlab.errors import InvalidParameter, Refused
from cloudlab.units import clock_text, size_text
from cloudlab.views import Level, VmRow, details, find, vm_rows
from cloudlab.views.markup import Markup, join, tag
from cloudlab.widgets.source import Source, cloud_of
from cloudlab.widgets.surface import Surface
from cloudlab.widgets.tables import button, detail_table, state_cell

if TYPE_CHECKING:
    from collections.abc import Callable

_COLUMNS: Final[dict[str, tuple[str, Callable[[VmRow], str]]]] = {
    "id": ("id", lambda row: str(row.id)),
    "name": ("name", lambda row: row.name),
    "state": ("state", lambda row: state_cell(row.state, row.tone)),
    "vcpu": ("vCPU", lambda row: str(row.vcpu)),
    "ram_mib": ("RAM", lambda row: size_text(row.ram_mib)),
    "disk_mib": ("disk", lambda row: size_text(row.disk_mib)),
    "ip": ("address", lambda row: row.ip),
    "host": ("host", lambda row: row.host),
    "zone": ("zone", lambda row: row.zone),
    "account": ("account", lambda row: row.account),
    "updated": ("changed at", lambda row: clock_text(row.updated)),
}
"""Field -> its title, and its text in a row."""
_NUMBERS: Final = frozenset({"id", "vcpu", "ram_mib", "disk_mib", "updated"})
_TEXTS: Final = ("name", "state", "ip", "host", "cluster", "zone", "account", "offering")
"""Fields that a filter looks at."""


class VmTable(Surface):
    """Every VM; type to filter, click a title to sort, click a row for details.

    Attributes:
        query: Words that a row must contain, all of them.
        sort_by: A field of `VmRow`.
        descending: Whether the largest comes first.
        page: Which page is shown, from 0.
    """

    def __init__(self, source: Source, *, page_size: int = 25) -> None:
        """Show the VMs of `source`, oldest first.

        Args:
            source: A cloud, or a lab.
            page_size: Rows of a page, >= 1.

        Raises:
            InvalidParameter: a page would have no rows.
        """
        super().__init__()
        if page_size < 1:
            raise InvalidParameter(f"page_size is {page_size}; allowed: 1 or more")
        self.source = source
        self.page_size = page_size
        self.query = ""
        self.sort_by = "id"
        self.descending = False
        self.page = 0
        self.refresh()

    @property
    def rows(self) -> list[VmRow]:
        """The rows that pass the filter, in order, of all pages."""
        return self._found

    def refresh(self) -> None:
        """Show the VMs as they are now."""
        with self._guard:
            self._all = vm_rows(cloud_of(self.source))
            self._show()

    def filter(self, query: str) -> None:
        """Show only the VMs that contain every word of `query`, upper or lower case."""
        with self._guard:
            self.query, self.page = query, 0
            self._show()

    def sort(self, field: str) -> None:
        """Sort by `field`; by the same field again, the other way round.

        Raises:
            InvalidParameter: the table has no such column.
        """
        if field not in _COLUMNS:
            raise InvalidParameter(f"no column {field!r}; allowed: {', '.join(_COLUMNS)}")
        with self._guard:
            self.descending = field == self.sort_by and not self.descending
            self.sort_by, self.page = field, 0
            self._show()

    def turn(self, pages: int) -> None:
        """Turn so many pages forward, or back if negative, as far as there are pages."""
        with self._guard:
            self.page = min(max(self.page + pages, 0), self._last_page)
            self._show()

    def show_selected(self, kind: str, number: int) -> None:
        """Show the details of the clicked VM beside the table."""
        cloud = cloud_of(self.source)
        try:
            self.panel = detail_table(details(cloud, find(cloud, kind, number)))
        except Refused as gone:
            self.panel = tag("p", str(gone))

    def hear(self, action: str, value: str) -> None:
        """Answer typing in the filter, a click on a title, and the buttons."""
        if action == "filter":
            self.filter(value)
        elif action == "sort":
            self.sort(value)
        elif action == "turn" and value in ("1", "-1"):
            self.turn(int(value))
        elif action == "refresh":
            self.refresh()

    @property
    def _last_page(self) -> int:
        return max(len(self._found) - 1, 0) // self.page_size

    def _show(self) -> None:
        words = self.query.casefold().split()
        found = [row for row in self._all if _contains(row, words)]
        self._found = sorted(found, key=attrgetter(self.sort_by), reverse=self.descending)
        self.page = min(self.page, self._last_page)
        start = self.page * self.page_size
        shown = self._found[start : start + self.page_size]
        body = tag("tbody", *map(_row, shown))
        self.html = join([self._bar(start, len(shown)), tag("table", self._head(), body)])

    def _bar(self, start: int, shown: int) -> Markup:
        typed = tag(
            "input",
            type="search",
            value=self.query,
            placeholder="filter: name, state, host ...",
            aria_label="filter",
            data_action="filter",
        )
        first = start + 1 if shown else 0
        words = f"{first:,} to {start + shown:,} of {len(self._found):,}"
        if len(self._found) < len(self._all):
            words += f" (all: {len(self._all):,})"
        turns = [button("‹", "turn", "-1"), button("›", "turn", "1")] if self._last_page else []
        said = tag("span", words, class_="faint")
        return tag("div", typed, said, *turns, button("Refresh", "refresh"), class_="bar")

    def _head(self) -> Markup:
        cells = []
        for field, (title, _) in _COLUMNS.items():
            arrow, order = "", "none"
            if field == self.sort_by:
                arrow, order = (" ▼", "descending") if self.descending else (" ▲", "ascending")
            label = button(title + arrow, "sort", field)
            cells.append(tag("th", label, class_=_align(field), aria_sort=order))
        return tag("thead", tag("tr", *cells))


def _contains(row: VmRow, words: list[str]) -> bool:
    text = " ".join(str(getattr(row, field)) for field in _TEXTS).casefold()
    return all(word in text for word in words)


def _row(row: VmRow) -> Markup:
    cells = (tag("td", text(row), class_=_align(field)) for field, (_, text) in _COLUMNS.items())
    return tag("tr", *cells, data_kind=Level.VM.value, data_id=row.id, tabindex="-1")


def _align(field: str) -> str | None:
    return "number" if field in _NUMBERS else None
