"""Logging in: lock-out, second factor, history, idle accounts, log out everywhere."""
