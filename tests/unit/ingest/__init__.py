"""Readers, sources, harmonisation and the statistical reconstruction, on made-up data."""
