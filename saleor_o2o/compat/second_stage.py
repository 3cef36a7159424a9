"""Everything that is adapted once the apps are loaded, in this order; a new area is one more import."""

from . import account, availability, demo, models, payments, plugins, webhooks

__all__ = ["account", "availability", "demo", "models", "payments", "plugins", "webhooks"]
