"""How a design looks: a tree with the capacity of every level, for terminals and notebooks."""

from cloudlab.design.show.page import tree_html
from cloudlab.design.show.tree import tree_text

__all__ = ["tree_html", "tree_text"]
