"""The numbers of login security, from setting `O2O_LOGIN`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings


@dataclass(frozen=True, slots=True)
class LoginRules:
    """How many failures, within what time, lock an account or an address; after how many days an account is idle."""

    failures: int
    address_failures: int
    window: timedelta
    idle_days: int
    idle_warn_days: int


def rules() -> LoginRules:
    """Return the rules in force."""
    told = settings.O2O_LOGIN
    return LoginRules(
        told["FAILURES"],
        told["ADDRESS_FAILURES"],
        timedelta(minutes=told["WINDOW_MINUTES"]),
        told["IDLE_DAYS"],
        told["IDLE_WARN_DAYS"],
    )
