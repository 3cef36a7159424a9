"""Paying by card: charges, 3-D Secure, what is moved on them, and every silence in between."""
