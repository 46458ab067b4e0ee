"""The loop over the requests, one decision after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.kernel.plain.ask import asks_of, needs_of
from simulator.kernel.plain.books import Books
from simulator.kernel.plain.doors import Doors
from simulator.kernel.plain.orders import Orders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.kernel.plain.ask import Ask, Need
    from simulator.kernel.tables import Choice, Layout, Outcome, Requests


class PlainEngine:
    """The capacity kernel over NumPy columns; the same answers as the compiled one."""

    def __init__(self, layout: Layout, requests: Requests, choice: Choice) -> None:
        self._requests = requests
        self._books = Books(layout, requests, choice)
        self._orders = Orders(layout, choice, self._books)
        self._doors = Doors(layout, self._books)
        self._need = needs_of(layout)
        self._start: list[int] = layout.host_start.tolist()
        departures = requests.departure_s[requests.leaving]
        releases = requests.released_s[requests.leaving]
        self._hosts_due = np.searchsorted(departures, requests.arrival_s, side="right")
        self._pools_due = np.searchsorted(releases, requests.arrival_s, side="right")
        self._hosts_gone = self._pools_gone = 0

    def decide(self, outcome: Outcome, begin: int, end: int) -> None:
        """Decide the requests `begin` up to `end`; call it for one stretch after another."""
        hosts_due = self._hosts_due[begin:end].tolist()
        pools_due = self._pools_due[begin:end].tolist()
        asks = asks_of(self._requests, begin, end)
        for ask, hosts, pools in zip(asks, hosts_due, pools_due, strict=True):
            for vm in self._leaving(self._hosts_gone, hosts):
                self._books.leave_host(vm)
            for vm in self._leaving(self._pools_gone, pools):
                pool = outcome.pool.item(vm)
                if pool >= 0:
                    self._books.leave_pool(vm, outcome.host.item(vm), pool)
            self._hosts_gone, self._pools_gone = hosts, pools
            self._place(outcome, ask)

    def _leaving(self, gone: int, due: int) -> list[int]:
        """Return the requests after the first `gone` to leave, up to the first `due`."""
        return self._requests.leaving[gone:due].tolist() if due > gone else []

    def _place(self, outcome: Outcome, ask: Ask) -> None:
        """Put the VM on the first cluster that has a host and a pool for it, or refuse it."""
        need = self._need(ask.vcpu, ask.mhz)
        fits = self._fits(ask, need)
        lacked_pool = False
        for cluster in self._orders.clusters(ask.account):
            begin, end = self._start[cluster], self._start[cluster + 1]
            if begin == end:
                continue
            host = self._orders.host(ask, cluster, begin, fits[begin:end])
            if host < 0 or self._doors.are_closed(cluster, ask, need):
                continue
            pool = self._orders.pool(ask, cluster)
            if pool >= 0:
                self._books.take(ask, host, pool)
                outcome.host[ask.number], outcome.pool[ask.number] = host, pool
                return
            lacked_pool = True
        reason = self._doors.refusal(ask, need, fits, lacked_pool=lacked_pool)
        outcome.reason[ask.number] = reason

    def _fits(self, ask: Ask, need: Need) -> NDArray[np.bool_]:
        """Return which hosts can take the VM now, `(H,)`."""
        fits = self._books.free_cpu >= need.cpu
        fits &= self._books.free_ram >= ask.ram
        if need.suits is not None:
            fits &= need.suits
        return fits
