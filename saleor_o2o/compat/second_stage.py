"""Everything that is adapted once the apps are loaded, in this order; a new area is one more import."""

from . import account, availability, demo, models, mutations, orders, payments, plugins, slugs, webhooks

__all__ = [
    "account",
    "availability",
    "demo",
    "models",
    "mutations",
    "orders",
    "payments",
    "plugins",
    "slugs",
    "webhooks",
]
