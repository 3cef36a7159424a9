"""Loyalty: points, growth and levels, the balance of members, all on one ledger."""
