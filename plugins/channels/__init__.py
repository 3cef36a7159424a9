"""Outlets, micro-shops, agents and machines through which the company sells."""
