"""The simulator: a cloud that only takes time."""
