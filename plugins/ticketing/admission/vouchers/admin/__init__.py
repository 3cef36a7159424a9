"""Pages of vouchers, gates and redemption."""

from . import conflicts, devices, keys, mailings, redemptions, rules, scans, settlements, vouchers

__all__ = [
    "conflicts",
    "devices",
    "keys",
    "mailings",
    "redemptions",
    "rules",
    "scans",
    "settlements",
    "vouchers",
]
