"""Stories with real processes: what users see when things go wrong."""
