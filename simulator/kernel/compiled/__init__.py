"""The capacity kernel as machine code; importing it loads numba."""
