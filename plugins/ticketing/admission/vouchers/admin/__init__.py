"""Pages of vouchers, gates and redemption."""

from . import conflicts, devices, keys, redemptions, rules, scans, vouchers

__all__ = ["conflicts", "devices", "keys", "redemptions", "rules", "scans", "vouchers"]
