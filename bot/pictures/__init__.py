"""Gathers what pictures are drawn from: the facts, the texts on them, and how far back they go."""
