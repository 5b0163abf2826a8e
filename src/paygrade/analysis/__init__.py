"""What numbers mean: outcomes folded into rates, and rates into an exit code."""
