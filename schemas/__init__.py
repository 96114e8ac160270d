"""What things are: records, table contracts, graph vocabulary, vocabularies.

This room imports nothing of ours; every other room may import it.
"""
