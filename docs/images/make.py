"""Draw the picture of the README anew: `.venv/bin/python docs/images/make.py`.

Everything in it comes from the product: a shipped design, a shipped demand, one failed host.
"""  # noqa: INP001  (a script beside the picture it makes)

from __future__ import annotations

from pathlib import Path
from typing import Final

from cloudlab import Lab
from cloudlab.datasets import dataset
from cloudlab.views import Markup
from simulator.workload import read_demand

PICTURE: Final = Path(__file__).resolve().parent / "small-cloud.svg"


def drawn() -> Markup:
    """Return the small cloud two hours into its week, a quarter of an hour after a failure."""
    lab = Lab("small-cloud", seed=1, progress=False)
    lab.play(read_demand(dataset("demand", "demo-week.csv.gz")))
    lab.run(hours=2)
    lab.break_host("c2-h003")
    lab.run(minutes=15)
    return lab.topology()


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(f"{drawn()}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
