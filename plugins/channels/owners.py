"""Channels and the people who run them: which are whose, and where an owner works."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from .models import Channel
from .services.binding import BINDING_TYPES
from .types import ChannelStatus

_pages: list[str] = []


def owned_channels(user: Any) -> QuerySet[Channel]:
    """The channels that a login runs as their owner, but for those that have left.

    Members of the staff own nothing here: they work in the back office, within their grants.
    """
    if not user.is_authenticated or not user.is_active or user.is_staff or user.is_superuser:
        return Channel.objects.none()
    rows = Channel.objects.filter(owner_user_id=user.pk, type__in=BINDING_TYPES)
    return rows.exclude(status=ChannelStatus.LEFT).order_by("pk")


def register_owner_page(name: str) -> None:
    """Tell by its URL name which page an owner works on; a later one replaces an earlier one."""
    _pages[:] = [name]


def owner_page() -> str:
    """The path of the owner's page; empty where no plugin offers one."""
    return reverse(_pages[0]) if _pages else ""
