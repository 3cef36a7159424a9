"""Writes of coupons, one transaction each."""
