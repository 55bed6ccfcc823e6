"""Thinks: facts in, readings, conditions and the verdict out. No clock, network or disk outside feeds."""
