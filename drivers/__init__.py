"""The drivers: clouds that exist."""
