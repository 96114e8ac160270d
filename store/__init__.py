"""Where circuits and results live: the Parquet lake, the graph, the local server."""
