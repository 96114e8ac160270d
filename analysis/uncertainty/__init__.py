"""Uncertainty of an effect."""
