"""After a crash: what was begun is finished or undone, by what the hosts say is true.

The books say what was under way: they are written before anything is asked of the outside.
So nothing is out there that they do not name, and every state that ends by itself (Starting,
Creating, Releasing ...) names something whose end nobody has seen. Each is looked at once more:
what has happened is written down, what has not is undone.
"""

from cloudlab.workflows.reconcile.rounds import reconcile

__all__ = ["reconcile"]
