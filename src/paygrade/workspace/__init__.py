"""The five content folders: read, checked all at once, hashed and bound into one `RunPlan`."""
