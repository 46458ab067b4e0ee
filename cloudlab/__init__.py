"""cloudlab: a cloud lab and simulator run from notebooks."""
