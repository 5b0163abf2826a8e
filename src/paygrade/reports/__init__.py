"""Text for people and for CI. Values in, text out; what a model wrote is data, never markup."""
