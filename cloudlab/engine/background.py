"""Long work beside the notebook: started in a thread, asked to stop, looked at from anywhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import RLock, Thread, current_thread
from typing import Final, Generic, Self, TypeVar

T = TypeVar("T")

Work = Callable[[Callable[[], bool]], T]
"""Gets the question to ask now and then: whether to stop."""


class Background(Generic[T]):
    """One piece of work and what became of it; every method may be called from any thread.

    A thread of its own, because callbacks of a notebook do not run while a cell is busy.
    """

    def __init__(self, work: Work[T], name: str = "cloudlab-background") -> None:
        """Describe the work; nothing runs yet.

        Args:
            work: What to do; it gets a function that says whether to stop.
            name: What the thread is called.
        """
        self.name: Final = name
        self._work = work
        self._lock = RLock()
        self._thread: Thread | None = None
        self._stopping = False
        self._done = False
        self._result: T | None = None
        self._error: Exception | None = None

    def start(self) -> Self:
        """Begin the work in a thread of its own and return at once.

        Raises:
            RuntimeError: it was begun before.
        """
        thread = Thread(target=self._run, name=self.name, daemon=True)
        self._take(thread)
        thread.start()
        return self

    def run(self) -> Self:
        """Do the work in the thread that calls and return when it has ended.

        Raises:
            RuntimeError: it was begun before.
        """
        self._take(current_thread())
        self._run()
        return self

    def stop(self) -> None:
        """Ask the work to stop; it ends when it next asks, not at once."""
        with self._lock:
            self._stopping = True

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the thread has ended, at most so long; return whether it has."""
        thread = self._thread
        if thread is not None and thread is not current_thread():
            thread.join(seconds)
        return self.done

    @property
    def stopping(self) -> bool:
        """Whether somebody asked it to stop."""
        with self._lock:
            return self._stopping

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        with self._lock:
            return self._done

    @property
    def result(self) -> T | None:
        """What the work returned; `None` until it has ended well."""
        with self._lock:
            return self._result

    @property
    def error(self) -> Exception | None:
        """What the work raised; `None` unless it has."""
        with self._lock:
            return self._error

    def _take(self, thread: Thread) -> None:
        with self._lock:
            if self._thread is not None:
                raise RuntimeError(f"{self.name} was begun before: make a new one")
            self._thread = thread

    def _run(self) -> None:
        result: T | None = None
        error: Exception | None = None
        try:
            result = self._work(lambda: self.stopping)
        except Exception as raised:  # noqa: BLE001  (whoever looks at it decides)
            error = raised
        with self._lock:
            self._result, self._error, self._done = result, error, True

    def __repr__(self) -> str:
        """Say how far it is."""
        if not self.done:
            state = "not begun" if self._thread is None else "running"
            return f"<Background {self.name}: {'stopping' if self.stopping else state}>"
        return f"<Background {self.name}: {repr(self.error) if self.error else 'done'}>"


def background(work: Work[T], name: str = "cloudlab-background") -> Background[T]:
    """Begin `work` in a thread of its own and return its handle."""
    return Background(work, name).start()


def mutex() -> AbstractContextManager[bool]:
    """Return a lock for state that callbacks of several threads share; its holder may retake it."""
    return RLock()
