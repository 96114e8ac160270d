"""Pieces that are drawn once and used on every page."""
