"""Checks of NFS: storage that is mounted and can be written to, exports, and names of users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from drivers.ssh.facts import Export, Facts, Share
from drivers.ssh.preflight.finding import Asked, Grade, Verdict, bad, good, weak

_OPTIONS: Final = ("rw", "async", "no_root_squash")
"""What an export has to have."""

_OPTIONAL: Final = frozenset({"async"})
"""What guests run without, though slowly."""


def nfs(facts: Facts, _: Asked) -> Verdict:
    """Look whether NFS can be used as storage: as it is mounted, and as it is exported here."""
    wrong = [*_mounts(facts), *_exports(facts)]
    if wrong:
        is_bad = any(each.grade is Grade.FAIL for each in wrong)
        found = "; ".join(each.found for each in wrong)
        return (bad if is_bad else weak)(found, "; ".join(dict.fromkeys(e.mend for e in wrong)))
    mounted = [f"{each.source} at {each.mount}, written to by root" for each in facts.nfs.shares]
    exported = [f"{each.path} exported to {each.client}" for each in facts.nfs.exports]
    return good("; ".join((*mounted, *exported)) or "none was asked for, none is exported")


def _mounts(facts: Facts) -> Iterator[Verdict]:
    """Yield what is wrong with storage that was asked for."""
    for each in facts.nfs.shares:
        server, _, path = each.source.rpartition(":")
        export = f"on {server}, in /etc/exports: {_line(path, facts.hostname or '*')}"
        if each.is_offered is False:
            yield bad(f"{server} does not export {path}", export)
        elif not each.mount:
            yield weak(f"{each.source} is not mounted", _mount(each))
        elif not each.is_writable:
            yield bad(
                f"{each.source} at {each.mount} is mounted to be read only",
                f"mount -o remount,rw {each.mount}; {export}",
            )
        elif each.trouble:
            yield bad(f"root cannot write to {each.source} at {each.mount}: {each.trouble}", export)


def _mount(share: Share) -> str:
    folder = f"/mnt/{share.source.rpartition('/')[2] or 'primary'}"
    return (
        f"mkdir -p {folder} && echo '{share.source} {folder} nfs defaults,_netdev 0 0' "
        f">> /etc/fstab && mount {folder}"
    )


def _exports(facts: Facts) -> Iterator[Verdict]:
    """Yield what is wrong with exports of the machine's own: of those asked for, else of all."""
    asked = [each for each in facts.nfs.exports if _is_asked(each, facts)]
    for each in asked or facts.nfs.exports:
        absent = [option for option in _OPTIONS if option not in each.options]
        if "all_squash" in each.options and "no_root_squash" not in absent:
            absent.append("no_all_squash")
        if absent:
            found = f"{each.path} is exported to {each.client} without {', '.join(absent)}"
            is_bad = bool(asked) and not _OPTIONAL.issuperset(absent)
            mend = f"in /etc/exports: {_line(each.path, each.client)}"
            yield (bad if is_bad else weak)(found, mend)


def _is_asked(export: Export, facts: Facts) -> bool:
    """Return whether a storage that was asked for lies in an export of this machine."""
    own = {"localhost", facts.hostname, facts.fqdn, *facts.fqdn_addresses, *facts.addresses}
    for share in facts.nfs.shares:
        server, _, path = share.source.rpartition(":")
        inside = f"{path.rstrip('/')}/".startswith(f"{export.path.rstrip('/')}/")
        if server.strip("[]") in own and inside:
            return True
    return False


def _line(path: str, client: str) -> str:
    client = "*" if client == "<world>" else client
    return f"{path} {client}({','.join(_OPTIONS)},no_subtree_check), then exportfs -ra"


def idmap(facts: Facts, asked: Asked) -> Verdict:
    """Look whether NFSv4 is told in which domain the names of users are."""
    domain, wanted = facts.nfs.domain, asked.idmap_domain
    name = wanted or facts.fqdn.partition(".")[2] or "<domain>"
    mend = (
        f"sed -i -e '/^[# ]*Domain *=/d' -e 's/^\\[General\\]/&\\nDomain = {name}/' "
        f"/etc/idmapd.conf && nfsidmap -c"
    )
    if wanted and domain != wanted:
        return bad(f"{domain or 'none'}, not {wanted}", mend)
    uses = [*facts.nfs.version_4, *(each.path for each in facts.nfs.exports)]
    if not domain and uses:
        return weak(f"/etc/idmapd.conf names none, and NFS is in use: {', '.join(uses)}", mend)
    return good(domain or "NFSv4 is not in use")
