"""Own alerts: rules that people set, read from their words, judged tick by tick, tried on the past."""
