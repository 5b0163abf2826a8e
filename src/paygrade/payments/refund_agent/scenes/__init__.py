"""The scenes: what is asked, what the bank's books hold, and what must be true at the end."""
