"""The pages of the back office; importing registers them."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sites.models import Site
from django_prices_openexchangerates.models import ConversionRate
from django_prices_vatlayer.models import VAT

# Registered by their own apps with classes that know nothing of scope.
for _model in (Group, Site, ConversionRate, VAT):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)

from . import (  # noqa: E402
    audit,
    cashier,
    goods,
    kernel,
    notifications,
    orders,
    orphans,
    parts,
    payment_rules,
    people,
    transfers,
)
from .base import ReadOnlyAdmin, ScopedAdmin  # noqa: E402

__all__ = [
    "ReadOnlyAdmin",
    "ScopedAdmin",
    "audit",
    "cashier",
    "goods",
    "kernel",
    "notifications",
    "orders",
    "orphans",
    "parts",
    "payment_rules",
    "people",
    "transfers",
]
