"""Suppliers of admission tickets that are elsewhere: how they call a visit, how they are spoken to, the adapter."""
