"""How fast it is, as ratios; never part of a test run."""
