"""The verbs: what makes things happen, each finished or undone."""
