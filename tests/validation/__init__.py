"""`make validate`: checks that take minutes, each as a line of one table."""
