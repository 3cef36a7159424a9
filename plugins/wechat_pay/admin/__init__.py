"""Pages of WeChat Pay: accounts, the second person's desk, bills, shares, abnormal refunds."""

from . import accounts, bills, changes, redirects, shares

__all__ = ["accounts", "bills", "changes", "redirects", "shares"]
