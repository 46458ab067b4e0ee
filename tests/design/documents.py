"""Documents that tests start from, and how they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudlab.datasets import dataset
from cloudlab.design import Design, design_from_yaml
from cloudlab.errors import InputError

SHIPPED = sorted(dataset("designs").glob("*.yaml"))

SOUND = """\
cloud: test
settings:
  vm.allocation.algorithm: firstfit
host_types:
- {name: std, cpus: 64, mhz: 2000, ram_gib: 256}
- {name: xen-only, cpus: 8, mhz: 2000, ram_gib: 64, hypervisor: XenServer}
zones:
- name: z1
  pods:
  - name: p1
    cidr: 192.168.0.0/24
    reserved: {start: 192.168.0.2, end: 192.168.0.20}
    clusters:
    - name: c1
      hosts:
      - {count: 4, type: std}
      primary_storage:
      - {name: nfs, capacity_gib: 1024}
  - name: p2
    clusters:
    - name: c2
      hosts: [{cpus: 16, mhz: 2400, ram_gib: 64}]
      primary_storage: [{capacity_gib: 512}]
"""
"""A small Advanced zone, a field a line; tests change one line of it."""

LEAST = """\
zones:
- pods:
  - clusters:
    - hosts: [{cpus: 4, mhz: 2000, ram_gib: 16}]
      primary_storage: [{capacity_gib: 100}]
"""

BASIC = """\
zones:
- network_type: Basic
  name: z1
  pods:
  - clusters:
    - hosts: [{cpus: 4, mhz: 2000, ram_gib: 16}]
      primary_storage: [{capacity_gib: 100}]
"""


def complaint(text: str) -> str:
    """Return the message with which a document is refused, as a file called `d.yaml`."""
    with pytest.raises(InputError) as caught:
        design_from_yaml(text, "d.yaml")
    return str(caught.value)


def changed(old: str, new: str, text: str = SOUND) -> str:
    """Return `text` with `new` in place of `old`, which it has."""
    assert old in text
    return text.replace(old, new, 1)


def read(text: str) -> Design:
    """Return the design a sound document describes."""
    return design_from_yaml(text, "d.yaml")


def written(folder: Path, text: str) -> Path:
    """Return the path of a new file with `text` in it."""
    path = folder / "d.yaml"
    path.write_text(text, encoding="utf-8")
    return path
