"""The image stores of real hosts: copies of templates in the folders of pools."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from drivers import naming
from drivers.kvm.storage import scripts
from drivers.kvm.storage.acts import long_script, script
from drivers.kvm.storage.folders import LONG, ids, moment, unique
from drivers.kvm.storage.places import Server, Templates, place_of
from drivers.kvm.storage.reach import Scripted

if TYPE_CHECKING:
    from cloudlab.model import StoragePool, Template
    from drivers.kvm.storage.places import Folder
    from drivers.kvm.storage.reach import Reach

_TEMPLATE: Final = re.compile(r"template-(\d+)\.qcow2")


class KvmImageStores:
    """Brings templates to pools; any connected host that reaches the pool does the work.

    Volumes on a server are copies of their template from the start: nothing is staged there.
    """

    def __init__(self, reach: Reach, lab_id: str, templates: Templates) -> None:
        """Work on the pools of `reach`.

        Args:
            reach: which hosts reach which pools.
            lab_id: whose copies they are.
            templates: where they come from.
        """
        self.reach = reach
        self.lab_id = lab_id
        self.templates = templates

    async def stage(self, template: Template, pool: StoragePool) -> None:
        """Copy `template` to `pool`; the same copy may be there already.

        Raises:
            HostFault: no host that reaches the pool answers.
            AlreadyThere: a copy of something else is there under its name.
            DriverFault: it is not to be found, no qcow2 image, or the storage is full.
        """
        place = place_of(pool, self.lab_id)
        if isinstance(place, Server):
            return
        plan = partial(self._staging, template, pool, place)
        await self.reach.make(plan, naming.template_file(template), pool)

    def _staging(self, template: Template, pool: StoragePool, place: Folder) -> Scripted:
        source, format_ = self.templates.image(template, pool.zone)
        name, mark, what = naming.template_file(template), moment(), f"copying {template} to {pool}"
        words = str(place.path), name, source, unique(), format_, f"{LONG:g}", mark
        return Scripted(long_script(what, scripts.STAGE, *words), mark)

    async def evict(self, template: Template, pool: StoragePool) -> None:
        """Make sure no copy of `template` is on `pool`; volumes made from it stay whole.

        What a `stage` that failed did not make is no copy of it: it stays.
        """
        place, name = place_of(pool, self.lab_id), naming.template_file(template)
        if not isinstance(place, Server):
            what = f"removing the copy of {template} from {pool}"
            removal = partial(script, what, scripts.EVICT, str(place.path), name)
            await self.reach.remove(removal, name, pool)

    async def copies(self, pool: StoragePool) -> set[int]:
        """Return the templates that have a copy on `pool`."""
        place = place_of(pool, self.lab_id)
        if isinstance(place, Server):
            return set()
        act = script(f"listing {pool}", scripts.LIST, str(place.path))
        return ids(await self.reach.anywhere(act, pool), _TEMPLATE)
