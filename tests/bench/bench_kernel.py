"""How long the capacity kernel takes for the churn scenario, for both engines.

Run `python -m tests.bench.bench_kernel`, or with `--all` for the slow ones too. CPU seconds
of the run alone: without start-up, without making the demand, without compiling.
"""

from __future__ import annotations

import argparse
import resource
import time

from simulator.fleet import Fleet
from simulator.kernel import Engine, simulate
from simulator.placements import Algorithm, Rules
from simulator.workload.churn import churn

SIZES = ((100, 10_000), (1_000, 100_000), (10_000, 1_000_000))
QUICK_FOR_PYTHON = 100_000


def cpu_seconds(hosts: int, vms: int, rules: Rules, engine: Engine, repeats: int) -> float:
    """Return the least CPU seconds of `repeats` runs."""
    demand, fleet = churn(hosts, vms), Fleet.uniform(hosts)
    best = float("inf")
    for _ in range(repeats):
        begin = time.process_time()
        simulate(fleet, demand, rules, engine=engine)
        best = min(best, time.process_time() - begin)
    return best


def report(hosts: int, vms: int, rules: Rules, engine: Engine, repeats: int) -> None:
    """Print one line of the table."""
    seconds = cpu_seconds(hosts, vms, rules, engine, repeats)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{engine:8}{rules.algorithm:28}{hosts:>8,}{vms:>12,}"
        f"{seconds:>10.3f}{vms / seconds:>14,.0f}{peak_mib:>8}"
    )


def main() -> None:
    """Print requests per CPU second for both engines, and for every algorithm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="also what takes minutes")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    begin = time.process_time()
    simulate(Fleet.uniform(1), churn(1, 10), Rules(), engine=Engine.NUMBA)
    print(f"load or compile the machine code: {time.process_time() - begin:.2f} CPU s")
    print(f"{'engine':8}{'algorithm':28}{'hosts':>8}{'VMs':>12}{'CPU s':>10}", end="")
    print(f"{'requests/s':>14}{'MiB':>8}")
    first_fit = Rules(Algorithm.FIRST_FIT)
    for engine in (Engine.NUMBA, Engine.PYTHON):
        for hosts, vms in SIZES:
            if engine == Engine.NUMBA or vms <= QUICK_FOR_PYTHON or arguments.all:
                repeats = arguments.repeats if engine == Engine.NUMBA else 1
                report(hosts, vms, first_fit, engine, repeats)
    for algorithm in Algorithm:
        report(*SIZES[1], Rules(algorithm), Engine.NUMBA, 1)


if __name__ == "__main__":
    main()
