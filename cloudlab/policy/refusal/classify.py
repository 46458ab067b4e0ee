"""The one word for a refusal, the same as the capacity kernel finds."""

from __future__ import annotations

from cloudlab.policy.reason import Reason
from cloudlab.policy.refusal.answers import Answers
from cloudlab.policy.refusal.view import Mask, View


def classify(view: View, answers: Answers) -> Reason:
    """Return the reason: what hinders a host with room, else what the hosts are short of."""
    if answers.with_room.any():
        return _hindrance(answers)
    holds = _holds_when_empty(view)
    possible = answers.able & holds
    return _shortage(answers, possible) if possible.any() else _never(answers, holds)


def _hindrance(answers: Answers) -> Reason:
    """Return what keeps the VM from the hosts that have room for it."""
    below = answers.with_room & answers["below_threshold"]
    if (below & ~answers["has_address"]).any():
        return Reason.ADDRESS
    if answers["has_pools"].any():
        return Reason.UNAVAILABLE  # somebody's own algorithm passed it over
    return Reason.STORAGE if below.any() else Reason.THRESHOLD


def _shortage(answers: Answers, possible: Mask) -> Reason:
    """Return what the hosts that could hold the VM when empty are short of."""
    cpu, ram = answers["has_cpu"], answers["has_ram"]
    short_of_cpu = bool((possible & ~cpu & ram).any())
    short_of_ram = bool((possible & cpu & ~ram).any())
    if short_of_cpu == short_of_ram:
        return Reason.CPU_AND_RAM
    return Reason.CPU if short_of_cpu else Reason.RAM


def _never(answers: Answers, holds: Mask) -> Reason:
    """Return why no host in service could take the VM even when empty."""
    right_kind = answers["right_kind"]
    meant = right_kind & answers["meant_for_it"]
    if not meant.any():
        return Reason.TAGS if right_kind.any() else Reason.UNAVAILABLE
    large_enough = (meant & answers["has_cores"] & holds).any()
    return Reason.UNAVAILABLE if large_enough else Reason.SIZE


def _holds_when_empty(view: View) -> Mask:
    ledger, rows = view.scene.ledger, view.rows
    holds: Mask = ledger.cpu_total[rows] >= view.need_cpu
    holds &= ledger.ram_total[rows] >= view.vm.offering.ram_mib
    return holds
