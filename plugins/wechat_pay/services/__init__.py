"""Writes of WeChat Pay: lock, look, move; remote calls between transactions, never inside one."""
