"""Frozen values and protocols that the rooms exchange. Nothing here does any work."""
