"""Published numbers, reproduced from the real data."""
