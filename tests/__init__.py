"""The tests mirror the three packages; acceptance/ holds stories with real processes."""
