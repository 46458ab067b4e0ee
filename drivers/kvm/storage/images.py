"""The image stores of real hosts: copies of templates in the folders of pools."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from drivers import naming
from drivers.kvm.storage import scripts
from drivers.kvm.storage.folders import Reach, ids, run, unique
from drivers.kvm.storage.places import Server, Templates, place_of

if TYPE_CHECKING:
    from cloudlab.model import StoragePool, Template
    from drivers.site import Access

_TEMPLATE: Final = re.compile(r"template-(\d+)\.qcow2")
_SECONDS: Final = 3600


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
        name = naming.template_file(template)
        source, format_ = self.templates.image(template, pool.zone)
        words = str(place.path), name, source, unique(), format_, str(_SECONDS)
        what = f"copying {template} to {pool}"
        act = partial(_run, what=what, script=scripts.STAGE, words=words)
        await self.reach.make(act, name, pool)

    async def evict(self, template: Template, pool: StoragePool) -> None:
        """Make sure no copy of `template` is on `pool`; volumes made from it stay whole.

        What `stage` found there is no copy of it: it stays.
        """
        place, name = place_of(pool, self.lab_id), naming.template_file(template)
        if not isinstance(place, Server) and not self.reach.is_others(name, pool):
            words = str(place.path), name
            what = f"removing the copy of {template} from {pool}"
            act = partial(_run, what=what, script=scripts.EVICT, words=words)
            await self.reach.anywhere(act, pool)

    async def copies(self, pool: StoragePool) -> set[int]:
        """Return the templates that have a copy on `pool`."""
        place = place_of(pool, self.lab_id)
        if isinstance(place, Server):
            return set()
        words = (str(place.path),)
        act = partial(_run, what=f"listing {pool}", script=scripts.LIST, words=words)
        return ids(await self.reach.anywhere(act, pool), _TEMPLATE)


def _run(access: Access, *, what: str, script: str, words: tuple[str, ...]) -> str:
    return run(access, what, script, *words, timeout=_SECONDS + 60.0).text
