"""Tests of the package that talks to people."""
