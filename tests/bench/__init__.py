"""The measured figures: `python -m tests.bench`."""
