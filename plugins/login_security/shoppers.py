"""The seam for logins of shoppers: what their tokens say beside stock's, and whether the login still counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says."""

    email: str
    is_staff: bool
    epoch: int
    second_factor: bool
    password: str
    session: str = ""


class ShopperLogins(Protocol):
    """Who keeps the logins of shoppers. None of its methods is asked about the staff."""

    def claims(self, user: Any, context: Any) -> dict[str, Any]:
        """What a new token of this user says beside stock's; `user.o2o_claims` are those of one being refreshed."""
        ...

    def annotated(self, found: Any, claims: Claims) -> Any:
        """The queryset of users, with what `check` looks at: who asks stays one statement."""
        ...

    def check(self, user: Any, claims: Claims) -> None:
        """Raise JSONWebTokenError for a login that has ended."""
        ...


class StockLogins:
    """Without anybody who keeps them: tokens are stock's, and good as long as stock says."""

    def claims(self, user: Any, context: Any) -> dict[str, Any]:
        return {}

    def annotated(self, found: Any, claims: Claims) -> Any:
        return found

    def check(self, user: Any, claims: Claims) -> None:
        return None


_logins: ShopperLogins = StockLogins()


def use_shopper_logins(found: ShopperLogins) -> None:
    """Put somebody in charge of shoppers' logins."""
    global _logins
    _logins = found


def shopper_logins() -> ShopperLogins:
    """Return who is in charge."""
    return _logins
