"""Ports before which the books are written: nothing is begun that the store does not know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from typing import Any

from cloudlab.ports import LOOKS, Ports


def guarded(ports: Ports, before: Callable[[], None], after: Callable[[], None]) -> Ports:
    """Return `ports` that call `before` each act, and `after` it when it has ended.

    An act that `before` refuses by raising is not begun.
    """
    names = [each.name for each in fields(ports) if each.name != "are_instant"]
    fences: dict[str, Any] = {name: _Guarded(getattr(ports, name), before, after) for name in names}
    return replace(ports, **fences)


class _Guarded:
    """One port behind the guard, whatever its methods are."""

    __slots__ = ("_after", "_before", "_port")

    def __init__(self, port: object, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._port, self._before, self._after = port, before, after

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        act: Callable[..., Awaitable[Any]] = getattr(self._port, method)
        if method in LOOKS:
            return act

        async def begun(*args: object, **options: object) -> object:
            self._before()
            try:
                answer = await act(*args, **options)
            except Exception:
                self._after()
                raise
            self._after()
            return answer

        return begun

    def __repr__(self) -> str:
        return f"<guarded {self._port!r}>"
