"""What JSON knows."""

from __future__ import annotations

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
Object = dict[str, Json]
