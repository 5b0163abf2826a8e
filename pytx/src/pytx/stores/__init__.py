"""Where operations are kept: one file a database, all under one contract."""
