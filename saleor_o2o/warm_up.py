"""Load what the first request would otherwise have to load."""

from __future__ import annotations


def warm_up() -> None:
    """Import the URL configuration, and with it the GraphQL schema."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - the access is the import
