"""The store: append-only journals that survive a kill, and a DuckDB database filled from them."""
