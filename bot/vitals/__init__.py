"""Vitals: how the running bot is, told to machines: /healthz, /metrics, a ping while all is well."""
