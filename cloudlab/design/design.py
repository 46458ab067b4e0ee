"""`Design`: a checked document with everything filled in, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Self

from pydantic import ValidationError

from cloudlab.design.checks import problems_of
from cloudlab.design.completion import completed
from cloudlab.design.hosts import host_type
from cloudlab.design.problems import refusal
from cloudlab.design.schema import CloudDocument, Cluster
from cloudlab.design.schema.settings import NOT_MODELLED, Settings
from cloudlab.design.show import tree_html, tree_text
from cloudlab.design.totals import Totals, cloud_totals
from cloudlab.design.walk import ClusterPlace, each_cluster
from cloudlab.design.wording import problems_in
from cloudlab.design.writer import document_yaml
from cloudlab.errors import InputError

Change = Callable[[ClusterPlace], Mapping[str, object]]


class Design(CloudDocument):
    """A cloud to build. Frozen: every `with_...` returns another design.

    `read_design`, `design_from_yaml` and `new_design` make one, checked and completed: every
    name, network and address is there.
    """

    def totals(self) -> Totals:
        """Return what the cloud holds: bought, usable and plannable."""
        return cloud_totals(self)

    def tree_text(self) -> str:
        """Return the tree with the capacity of every level, as `cloudlab show` prints it."""
        return tree_text(self)

    def to_yaml(self) -> str:
        """Return the document with comments; reading it gives an equal design."""
        return document_yaml(self)

    def clusters(self) -> list[ClusterPlace]:
        """Return the clusters in the order of the document, each with its zone and pod."""
        return list(each_cluster(self))

    def with_cpu_overcommit(self, factor: float, clusters: str = "*") -> Self:
        """Return the design with CPU allocated up to `factor` times.

        Args:
            factor: >= 1.
            clusters: which, as in `z1/p1/c1`; `*` and `?` stand for any letters.

        Raises:
            InputError: the factor is out of range, or no cluster is called so.
        """
        return self._with_clusters(clusters, lambda _: {"cpu_overcommit": float(factor)})

    def with_ram_overcommit(self, factor: float, clusters: str = "*") -> Self:
        """Return the design with RAM allocated up to `factor` times; see `with_cpu_overcommit`."""
        return self._with_clusters(clusters, lambda _: {"ram_overcommit": float(factor)})

    def with_hosts(self, clusters: str, count: int, type_name: str = "") -> Self:
        """Return the design with exactly `count` hosts in each of `clusters`.

        Args:
            clusters: which, as in `z1/p1/c1`; `*` and `?` stand for any letters.
            count: >= 1.
            type_name: an entry of `host_types`; left out: as the first hosts there are.

        Raises:
            InputError: no such cluster or type, or the pod has too few addresses.
        """
        return self._with_clusters(
            clusters, lambda at: {"hosts": [self._group(at.cluster, count, type_name)]}
        )

    def with_more_hosts(self, clusters: str, count: int, type_name: str = "") -> Self:
        """Return the design with `count` hosts more in each of `clusters`; see `with_hosts`."""

        def grown(at: ClusterPlace) -> Mapping[str, object]:
            present = [group.model_dump(exclude_unset=True) for group in at.cluster.hosts]
            return {"hosts": [*present, self._group(at.cluster, count, type_name)]}

        return self._with_clusters(clusters, grown)

    def with_algorithm(self, name: str) -> Self:
        """Return the design with another `vm.allocation.algorithm`.

        Raises:
            InputError: there is no such algorithm; the message lists those there are.
        """
        return self.with_settings({"vm.allocation.algorithm": name})

    def with_settings(self, values: Mapping[str, object]) -> Self:
        """Return the design with global settings changed, by CloudStack's names.

        Raises:
            InputError: an unknown name, or a value out of range.
        """
        written = self.settings.model_dump(by_alias=True, exclude_unset=True)
        return self._changed({"settings": {**written, **values}})

    def without_effect(self) -> dict[str, object]:
        """Return the settings that differ from their default though nothing obeys them yet."""
        written = self.settings.model_dump(mode="json", by_alias=True)
        usual = Settings().model_dump(mode="json", by_alias=True)
        return {
            name: written[name] for name in sorted(NOT_MODELLED) if written[name] != usual[name]
        }

    def _group(self, cluster: Cluster, count: int, type_name: str) -> dict[str, object]:
        """Return a group of `count` hosts, called and tagged like the first ones of `cluster`."""
        first = cluster.hosts[0].model_dump(exclude_unset=True)
        if type_name:
            sized = {"type": host_type(self, type_name).name}
            first = sized | {key: first[key] for key in first if key in {"tags", "name_pattern"}}
        return {**first, "count": count}

    def _with_clusters(self, pattern: str, change: Change) -> Self:
        """Return the design with `change` made to every cluster whose label fits `pattern`."""
        chosen = {at.path for at in each_cluster(self) if fnmatchcase(at.label, pattern)}
        if not chosen:
            known = ", ".join(at.label for at in each_cluster(self))
            raise InputError(f"no cluster is called {pattern!r}; there are {known}")
        values = self.model_dump(by_alias=True, exclude_unset=True)
        for at in each_cluster(self):
            if at.path in chosen:
                _, zone, _, pod, _, cluster = at.path
                part = values["zones"][zone]["pods"][pod]["clusters"][cluster]
                part.update(change(at))
        return self._changed(values)

    def _changed(self, values: Mapping[str, object]) -> Self:
        return type(self).checked({**self.model_dump(by_alias=True, exclude_unset=True), **values})

    @classmethod
    def checked(cls, values: Mapping[str, object]) -> Self:
        """Return the design that plain values describe, completed and checked.

        Raises:
            InputError: what is wrong, a line each.
        """
        try:
            design = completed(cls.model_validate(values))
        except ValidationError as error:
            raise refusal(problems_in(error)) from None
        problems = problems_of(design)
        if problems:
            raise refusal(problems)
        return design

    def _repr_html_(self) -> str:
        """Return the tree as a table, for notebooks."""
        return tree_html(self)

    def __repr__(self) -> str:
        """Return what there is, and what shows more."""
        have = self.totals()
        return (
            f"<Design {self.cloud!r}: {_count(have.zones, 'zone')}, {_count(have.pods, 'pod')}, "
            f"{_count(have.clusters, 'cluster')}, {_count(have.hosts, 'host')}, "
            f"{have.cores:,} cores, {have.ram_mib.raw / 1024:,.0f} GiB of RAM; "
            "print(design.tree_text()) shows it>"
        )

    __str__ = __repr__


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
