"""Talks to people and wires everything together."""
