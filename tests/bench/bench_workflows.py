"""How fast whole lives of machines are simulated, every step a workflow."""

from __future__ import annotations

import time

from cloudlab.design import new_design
from simulator.scenario.run import play
from simulator.workload import churn

OFF = dict.fromkeys(
    (
        "cluster.cpu.allocated.capacity.disablethreshold",
        "cluster.memory.allocated.capacity.disablethreshold",
        "pool.storage.allocated.capacity.disablethreshold",
    ),
    "off",
)
SIZES = ((100, 10_000), (1_000, 100_000))


def main() -> None:
    """Print CPU seconds and machines a second for the churn scenario, beside bare Python."""
    yardstick = _yardstick()
    print("workflow fidelity, churn scenario, first fit, one cluster")
    print(f"{'hosts':>8} {'machines':>9} {'CPU s':>7} {'machines/s':>11} {'x yardstick':>12}")
    for hosts, machines in SIZES:
        design = new_design(hosts=hosts, primary_gib=1e6).with_settings(
            {"vm.allocation.algorithm": "firstfit", **OFF}
        )
        demand = churn(hosts, machines)
        begin = time.process_time()
        play(design, demand)
        spent = time.process_time() - begin
        rate, lives = machines / spent, spent / machines / yardstick
        print(f"{hosts:>8,} {machines:>9,} {spent:>7.2f} {rate:>11,.0f} {lives:>12,.0f}")
    print(f"the yardstick, a million additions in a loop, took {yardstick * 1e6:.3f} CPU s")


def _yardstick() -> float:
    """Return the CPU seconds of one addition in a plain loop: what this machine is good for."""
    begin, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return (time.process_time() - begin) / 1_000_000


if __name__ == "__main__":
    main()
