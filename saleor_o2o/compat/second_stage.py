"""Everything that is adapted once the apps are loaded, in this order; a new area is one more import."""

from . import (
    account,
    addresses,
    availability,
    checkouts,
    demo,
    models,
    mutations,
    orders,
    payments,
    plugins,
    promises,
    scope,
    scope_figures,
    slugs,
    webhooks,
    wsgi,
)

__all__ = [
    "account",
    "addresses",
    "availability",
    "checkouts",
    "demo",
    "models",
    "mutations",
    "orders",
    "payments",
    "plugins",
    "promises",
    "scope",
    "scope_figures",
    "slugs",
    "webhooks",
    "wsgi",
]
