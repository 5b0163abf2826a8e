"""The domain: the rulebook, and the tasks whose labels follow from it by construction."""
