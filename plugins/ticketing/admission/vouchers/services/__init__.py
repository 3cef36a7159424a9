"""Writes of vouchers, gates and redemption, one transaction each."""
