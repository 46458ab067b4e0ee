"""Virtual routers on real hosts: a network namespace each, with all that guests need of it."""

from drivers.router.namespace import NamespaceRouter, router

__all__ = ["NamespaceRouter", "router"]
