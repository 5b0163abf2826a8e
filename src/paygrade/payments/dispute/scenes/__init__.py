"""Scenes: a rule and an outcome first, then the facts that entail it, then what flips it."""
