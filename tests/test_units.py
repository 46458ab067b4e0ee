"""Units as people read them."""

from __future__ import annotations

import pytest

from cloudlab.units import DAY, HOUR, MINUTE, MONTH, clock_text, mib, size_text


@pytest.mark.parametrize(
    ("gib", "expected"), [(0, 0), (1, 1024), (1.5, 1536), (0.0001, 0), (0.0006, 1), (20, 20_480)]
)
def test_gib_become_whole_mib(gib: float, expected: int) -> None:
    """To the nearest MiB, as an integer."""
    assert mib(gib) == expected
    assert type(mib(gib)) is int


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 MiB"),
        (512, "512 MiB"),
        (1023, "1023 MiB"),
        (1024, "1 GiB"),
        (1536, "1.5 GiB"),
        (24 * 1024, "24 GiB"),
        (1023.99, "1 GiB"),
        (1023.99 * 1024, "1 TiB"),
        (1.5 * 1024**3, "1.5 PiB"),
        (5000 * 1024**3, "5000 PiB"),
        (-1536, "-1.5 GiB"),
    ],
)
def test_sizes(size: float, text: str) -> None:
    """Four digits in the unit that keeps them short, never 1024 of a smaller unit."""
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0123, "0.0123 s"),
        (45, "45 s"),
        (59.94, "59.9 s"),
        (59.99, "1 min"),
        (60, "1 min"),
        (3569, "59 min"),
        (3599, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (86_340, "23 h 59 min"),
        (86_399, "1 d 0 h"),
        (3 * DAY + 4 * HOUR, "3 d 4 h"),
        (365 * DAY, "365 d 0 h"),
    ],
)
def test_moments_and_durations(seconds: float, text: str) -> None:
    """Two units at the most, and never 60 of the smaller one."""
    assert clock_text(seconds) == text


def test_a_month_is_a_twelfth_of_a_year() -> None:
    """Growth a month is compounded over mean months."""
    assert pytest.approx(365.25 * DAY) == MONTH * 12
    assert (MINUTE, HOUR, DAY) == (60, 3600, 86_400)
