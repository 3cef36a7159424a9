"""Writes of the cashier: lock, look, move; remote calls always between transactions, never inside one."""
