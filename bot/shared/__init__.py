"""Several processes on one database: those that stand by or lead, and those that receive and answer."""
