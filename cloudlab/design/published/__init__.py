"""What is published about designs: the JSON Schema for editors, the tables for readers."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cloudlab.design.published.json_schema import json_schema_text
from cloudlab.design.published.tables import field_tables

__all__ = ["field_tables", "json_schema_text", "publish", "with_tables"]

BEGIN: Final = "<!-- fields: begin -->"
END: Final = "<!-- fields: end -->"


def with_tables(page: str) -> str:
    """Return a Markdown page with the text between its two marks replaced by the tables."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{field_tables()}\n{END}{after}"


def publish(docs: Path) -> None:
    """Write `design.schema.json` and the tables of `design.md` in the folder `docs`."""
    (docs / "design.schema.json").write_text(json_schema_text(), encoding="utf-8")
    page = docs / "design.md"
    page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")
