"""The conductor: one module a command. It wires the rooms and computes nothing."""
