"""Memberships: paid membership and what it is good for, cards, 自邮一族."""
