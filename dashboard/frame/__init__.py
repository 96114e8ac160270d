"""What surrounds every page.

The script lies in a folder of its own because Streamlit takes a folder `pages` beside its script
for an older way to make pages.
"""
