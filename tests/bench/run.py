"""Every benchmark, one after the other: `make bench`. Nothing here passes or fails."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import bench_kernel, bench_workflows


def main() -> None:
    """Print the tables of all benchmarks."""
    bench_workflows.main()
    print()
    bench_kernel.main()


if __name__ == "__main__":
    main()
