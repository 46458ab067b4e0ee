"""Make demand like a public cloud's: the shipped files, or one of your own.

    python datasets/generate_demand.py                      the files of datasets/demand again
    python datasets/generate_demand.py -o mine.csv.gz --days 30 --per-hour 200 --seed 7

The laws behind it are in `simulator/workload/published.py`.
"""  # noqa: INP001  (a script beside the data it makes)

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from cloudlab.errors import CloudError
from simulator.workload import Demand, generate, write_demand
from simulator.workload.published import AZURE, AZURE_ARRIVALS_PER_HOUR, Lognormal

HERE: Final = Path(__file__).resolve().parent
PRIVATE_CLOUD: Final = replace(
    AZURE,
    largest_batch=24,
    lifetimes=(
        Lognormal(share=0.7, median_s=1160.0, sigma=0.75),
        Lognormal(share=0.3, median_s=22_300.0, sigma=1.2),
    ),
)
"""The public cloud's law for one company: nobody starts hundreds of VMs at once, and what
lives for weeks is there from the start."""


def demo_week() -> Demand:
    """Return a week of 24 tenants that brings 20 hosts of 64 cores to about 83 % of their CPU."""
    return generate(
        days=7,
        arrivals_per_hour=42,
        seed=5,
        law=PRIVATE_CLOUD,
        tenants=24,
        standing=180,
        name="demo-week",
    )


SHIPPED: Final = {"demand/demo-week.csv.gz": demo_week}
"""Every shipped file that is made here."""


def main(arguments: list[str] | None = None) -> int:
    """Write what the arguments ask for; return the exit code."""
    parser = argparse.ArgumentParser(description="Make demand like a public cloud's.")
    parser.add_argument("-o", "--output", type=Path, help="file to write; none: the shipped ones")
    parser.add_argument("--days", type=float, default=7.0, help="how long requests arrive")
    parser.add_argument(
        "--per-hour", type=float, default=AZURE_ARRIVALS_PER_HOUR, help="VMs an hour on average"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same requests")
    parser.add_argument("--tenants", type=int, help="how many tenants; none: one for each batch")
    parser.add_argument("--standing", type=int, default=0, help="VMs there from the start")
    asked = parser.parse_args(arguments)
    try:
        if asked.output is None:
            for file, make in SHIPPED.items():
                _write(make(), HERE / file)
        else:
            demand = generate(
                asked.days,
                asked.per_hour,
                asked.seed,
                tenants=asked.tenants,
                standing=asked.standing,
            )
            _write(demand, asked.output)
    except (CloudError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _write(demand: Demand, path: Path) -> None:
    """Write one file and say what is in it."""
    write_demand(demand, path)
    sys.stdout.write(f"{path}\n{demand!r}\n")


if __name__ == "__main__":
    sys.exit(main())
