"""Approvals: who decides what, every move of the flow, and the tables behind it."""
