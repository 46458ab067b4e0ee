"""How a plan says amounts, shares and times to people."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from cloudlab.units import DAY, MONTH, clock_text, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.planning.exhaustion import Exhaustion
    from simulator.planning.recommend import Addition

_MANY_MONTHS: Final = 36
_FEW_PLACES: Final = 4
_RESOURCES: Final = {
    "cpu": "CPU",
    "ram": "RAM",
    "storage": "primary storage",
    "address": "addresses",
    "any": "anything",
}


def resource_text(resource: str) -> str:
    """Return a resource as people write it: `CPU`, `primary storage`."""
    return _RESOURCES[resource]


def amount_text(amount: float, unit: str) -> str:
    """Return an amount as people read it: `512 GHz`, `1.5 TiB`, `250 addresses`."""
    if unit == "MHz":
        return f"{amount / 1000:,.4g} GHz" if amount < 1e7 else f"{amount / 1000:,.0f} GHz"
    if unit == "MiB":
        return size_text(amount)
    return f"{amount:,.0f} {unit}"


def cell_text(amount: float, unit: str) -> str:
    """Return an amount for a column in which the resource has been named: addresses are counts."""
    return f"{amount:,.0f}" if unit == "addresses" else amount_text(amount, unit)


def share_text(share: float) -> str:
    """Return a share in per cent, never rounded up to 100 %: `78 %`, `99.6 %`, `0.02 %`."""
    percent = 100 * share
    if 99 < percent < 100:
        return f"{math.floor(percent * 10) / 10:.1f} %"
    if 0 < percent < 1:
        return f"{percent:.2g} %"
    return f"{percent:.0f} %"


def when_text(seconds: float) -> str:
    """Return a moment or duration, in months where it is long: `5 h 20 min`, `7.4 months`."""
    if seconds < 60 * DAY:
        return clock_text(seconds)
    months = seconds / MONTH
    return f"{months:.1f} months" if months < _MANY_MONTHS else f"{months / 12:.1f} years"


def interval_text(each: Exhaustion) -> str:
    """Return the 95 % interval in words: `95 %: 2 d 0 h to 5.1 months`.

    An end that could not be seen is said to be beyond what was, and a missing one to be so.
    """
    if each.interval is None:
        return "no interval"
    low, high = each.interval
    begin = when_text(low) if low else "at once"
    if high is not None:
        return f"95 %: {begin} to {when_text(high)}"
    beyond = f"beyond {when_text(each.until_s)}" if each.until_s else "beyond what was seen"
    return f"95 %: {begin} to {beyond}"


def median_text(each: Exhaustion) -> str:
    """Return the median in words: `7.4 months`; `> 7 d 0 h` where it could not be seen."""
    if each.at_s is not None:
        return when_text(each.at_s)
    return f"> {when_text(each.until_s)}" if each.until_s is not None else "-"


def money_text(amount: float | None, currency: str) -> str:
    """Return a price: `1,448.32 USD`; what is not known is said to be so."""
    return "price not known" if amount is None else f"{amount:,.2f} {currency}"


def count_text(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 host`, `4 hosts`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def sets_text(tested: int, sets: int) -> str:
    """Return how many sets were tried of how many: `all 1,140`, `215 of 17,296`, `208 of 10^31`."""
    if tested == sets:
        return f"all {sets:,}"
    return f"{tested:,} of {sets:,}" if sets < 1e6 else f"{tested:,} of 10^{math.log10(sets):.0f}"


def where_text(additions: Sequence[Addition]) -> str:
    """Return where hosts go: each place where they are few, else how many places get how many."""
    if len(additions) <= _FEW_PLACES:
        return ", ".join(map(added_text, additions))
    groups = Counter((add.hosts, _added(add)) for add in additions)
    return ", ".join(
        f"{hosts} in {'each of ' if count > 1 else ''}{count_text(count, 'cluster')}"
        for (_, hosts), count in sorted(groups.items(), reverse=True)
    )


def added_text(add: Addition) -> str:
    """Return how many hosts go where: `2 in z1/p1/c1`, `1 spare in z1/p1/c2`."""
    return f"{_added(add)} in {add.place.name}"


def _added(add: Addition) -> str:
    """Return how many hosts, and that they are spare ones: `2`, `2 spare`."""
    return f"{add.hosts:,}{' spare' if add.is_spare else ''}"
