"""What other plugins may use of official accounts.

- `followers()`: all of them, for `rows_for`;
- `following(user)`: the followers' rows of a user (an OuterRef), for EXISTS;
- `tell(user_id, occasion, key, values)`: a template or subscribe message, once per key; its reference, "" where nobody
  is to be told; `outcomes_of_messages(references)`: what became of such messages; `refusals_of_messages(references)`:
  why those did not arrive that certainly have not.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from .models import Fan, Sending, SendingState
from .services.sending import LINK
from .services.sending import plan as _plan

__all__ = ["followers", "following", "outcomes_of_messages", "refusals_of_messages", "tell"]


def following(user: Any) -> QuerySet[Fan]:
    """Those who follow an account now and are this user."""
    return Fan.objects.filter(user=user, is_following=True)


def followers() -> QuerySet[Fan]:
    """Everybody who follows an account now; to be narrowed by `rows_for`."""
    return Fan.objects.filter(is_following=True)


def tell(user_id: int, occasion: str, key: str, values: dict[str, str], *, link: str = "") -> str:
    """Tell a member something, in the caller's transaction; the message's reference, or "" (see `sending.plan`).

    `link`: where it leads, instead of where its template says.
    """
    made = _plan(user_id, occasion, key, {**values, **({LINK: link} if link else {})})
    return str(made.pk) if made is not None else ""


def outcomes_of_messages(references: Collection[str]) -> dict[str, bool]:
    """What became of messages that are over, by reference: delivered or not; those on their way are left out."""
    keys = [int(one) for one in references if one.isdigit()]
    rows = Sending.objects.filter(pk__in=keys).values_list("pk", "state")
    waiting = (SendingState.WAITING, SendingState.SENT)
    return {str(pk): state == SendingState.DELIVERED for pk, state in rows if state not in waiting}


def refusals_of_messages(references: Collection[str]) -> dict[str, str]:
    """Why messages did not arrive, in words, by reference: WeChat refused them, or could not put them on the telephone.

    Of what was never answered nobody knows; it is left out.
    """
    keys = [int(one) for one in references if one.isdigit()]
    rows = Sending.objects.filter(pk__in=keys, state__in=(SendingState.REFUSED, SendingState.BOUNCED))
    return {str(pk): result for pk, result in rows.values_list("pk", "result")}
