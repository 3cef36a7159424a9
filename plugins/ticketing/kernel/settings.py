"""The kernel's settings, read where they are used so that tests may change them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.conf import settings


def query_after() -> timedelta:
    """How long a supplier may be silent before it is asked what it did."""
    return timedelta(seconds=settings.O2O_TICKETING["QUERY_AFTER_SECONDS"])


def failures_to_rest() -> int:
    """After how many failures in a row a supplier is left alone."""
    return int(settings.O2O_TICKETING["FAILURES_TO_REST"])


def rest() -> timedelta:
    """For how long it is left alone."""
    return timedelta(minutes=settings.O2O_TICKETING["REST_MINUTES"])


def absorb() -> Decimal:
    """By how many yuan a lost hold may cost us more the second time."""
    return Decimal(settings.O2O_TICKETING["ABSORB_YUAN"])


def grace() -> timedelta:
    """How long the tickets of an unpaid order wait for money that is on its way."""
    return timedelta(minutes=settings.O2O_TICKETING["GRACE_MINUTES"])


def desk_time() -> timedelta:
    """How long people have for a task of the issue desk."""
    return timedelta(minutes=settings.O2O_TICKETING["DESK_MINUTES"])


def taken_for() -> timedelta:
    """How long a task is its taker's alone."""
    return timedelta(minutes=settings.O2O_TICKETING["TAKEN_MINUTES"])
