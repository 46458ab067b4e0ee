"""What the tests of the kernel share: one engine after the other."""

from __future__ import annotations

import pytest

from simulator.kernel import Engine


@pytest.fixture(params=list(Engine)[1:])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn; numba's only where numba is installed."""
    if request.param == Engine.NUMBA:
        pytest.importorskip("numba")
    return request.param
