"""Reads history from files: a file is taken in whole, or refused by the line that is wrong."""
