"""A cloud's settings: CloudStack's names and defaults, checked values."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest

from cloudlab.design.schema import Settings as DesignSettings
from cloudlab.errors import InvalidParameter
from cloudlab.model import Settings

NAMES = [each.metadata["name"] for each in fields(Settings)]


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_those_of_a_design(name: str) -> None:
    """A cloud that is built by hand runs by the rules of one whose design says nothing."""
    design = DesignSettings().model_dump(by_alias=True)
    assert Settings().by_name()[name] == design[name]


@pytest.mark.parametrize(
    ("name", "default"),
    [
        pytest.param("expunge.interval", 86_400, marks=pytest.mark.book("6.17")),
        pytest.param("migrate.retry.interval", 120, marks=pytest.mark.book("6.25")),
        pytest.param("migratewait", 3600, marks=pytest.mark.book("6.26")),
        pytest.param("max.retries", 5, marks=pytest.mark.book("8.25")),
        ("vm.allocation.algorithm", "random"),
        ("vm.user.dispersion.weight", 1),
        ("start.retry", 10),
        ("storage.overprovisioning.factor", 2),
        ("cluster.cpu.allocated.capacity.disablethreshold", 0.85),
        ("cluster.memory.allocated.capacity.notificationthreshold", 0.75),
        ("capacity.skipcounting.hours", 3600),
        ("capacity.check.period", 300_000),
    ],
)
def test_defaults_are_cloudstacks(name: str, default: object) -> None:
    """Its numbers in its units, under its names."""
    assert Settings().by_name()[name] == default


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_can_be_given_its_default(name: str) -> None:
    """What `by_name` returns, `of` takes: a saved cloud can be taken up again."""
    default = Settings().by_name()[name]
    again = Settings.of({name: default})
    assert again == Settings()
    assert type(again.by_name()[name]) is type(default)


@pytest.mark.book("1.39")
def test_values_take_the_place_of_defaults() -> None:
    """Under CloudStack's names; the rest stays."""
    changed = Settings.of({"expunge.delay": 60, "expunge.interval": 120, "ha.tag": "ha"})
    assert (changed.expunge_delay_s, changed.expunge_interval_s, changed.ha_tag) == (60, 120, "ha")
    assert Settings().expunge_delay_s == Settings().expunge_interval_s == 86_400
    assert changed.start_retry == 10


@pytest.mark.parametrize("off", [None, False, "off"])
def test_thresholds_and_tags_can_be_off(off: object) -> None:
    """Off is None inside, however it is written."""
    settings = Settings.of({"pool.storage.capacity.disablethreshold": off, "ha.tag": off})
    assert settings.pool_used_disable is None
    assert settings.ha_tag is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("start.retries", 3, "there is no setting start.retries: did you mean start.retry?"),
        ("colour", 3, "there is no setting colour: known are alert.wait, apply.allocation"),
        ("start.retry", 0, "setting start.retry is 0; allowed: 1 or more"),
        ("start.retry", 2.5, "setting start.retry is 2.5; allowed: whole numbers"),
        ("start.retry", True, "setting start.retry is True; allowed: 1 or more"),
        ("start.retry", "10", "setting start.retry is '10'; allowed: 1 or more"),
        ("start.retry", None, "setting start.retry needs a value, like 10"),
        ("start.retry", math.inf, "setting start.retry is inf; allowed: 1 or more"),
        ("expunge.delay", -1, "setting expunge.delay is -1; allowed: 0 or more"),
        ("expunge.delay", math.nan, "setting expunge.delay is nan; allowed: 0 or more"),
        ("cpu.overprovisioning.factor", 0.5, "is 0.5; allowed: 1 or more"),
        (
            "cluster.cpu.allocated.capacity.disablethreshold",
            1.5,
            "is 1.5; allowed: 0 to 1, or off",
        ),
        ("vm.user.dispersion.weight", math.inf, "is inf; allowed: a number"),
        ("host.capacityType.to.order.clusters", "DISK", "is 'DISK'; allowed: CPU, RAM"),
        ("xen.check.hvm", 1, "setting xen.check.hvm is 1; allowed: true or false"),
        ("vm.allocation.algorithm", 1, "setting vm.allocation.algorithm is 1; allowed: a text"),
        ("vm.allocation.algorithm", None, "needs a value, like 'random'"),
    ],
)
def test_wrong_values_are_refused(name: str, value: object, message: str) -> None:
    """The message names the setting, the value and what is allowed."""
    with pytest.raises(InvalidParameter) as error:
        Settings.of({name: value})
    assert message in str(error.value)


@pytest.mark.parametrize("weight", [-1, 0, 0.5, 1, 7])
def test_the_dispersion_weight_may_be_anything(weight: float) -> None:
    """CloudStack takes what lies outside 0 to 1 for 1, so that is no mistake."""
    assert Settings.of({"vm.user.dispersion.weight": weight}).dispersion_weight == weight


def test_whole_numbers_may_be_written_as_floats() -> None:
    """10.0 tries are 10."""
    settings = Settings.of({"start.retry": 10.0, "expunge.delay": 60})
    assert (settings.start_retry, settings.expunge_delay_s) == (10, 60.0)
    assert (type(settings.start_retry), type(settings.expunge_delay_s)) == (int, float)
