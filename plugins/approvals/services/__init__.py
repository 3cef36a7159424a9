"""Writes of approvals, one transaction each."""
