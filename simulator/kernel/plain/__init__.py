"""The capacity kernel in plain Python over NumPy columns: no compiler needed."""
