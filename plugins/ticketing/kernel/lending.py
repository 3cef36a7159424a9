"""The scope policy of ticket orders, with what somebody was lent: an order of another unit, for a while.

It stands in front of the organisation's policy and asks that one first, so there is still one way to rows. What it adds
are rows of orders that a trade's lender names for this very person and right (a passenger who stands before a clerk).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from saleor_o2o.kernel.scope import ScopePolicy, ScopeUser, policy_for, use_policy

from .access import ORDER_VIEW

M = TypeVar("M", bound=Model)
#: The ticket orders that a user was lent for a right (`ticket.refund`), by key; few, and cheap to ask for.
Lender = Callable[[Any, str], tuple[int, ...]]
_lenders: list[Lender] = []


def register_lender(lender: Lender) -> None:
    """Let a trade lend orders; called once when its app is ready."""
    _lenders.append(lender)


class Lending:
    """The policy of one model. `before` is the organisation's, `path` leads to the ticket order, `view` is the right to
    see it."""

    def __init__(self, before: ScopePolicy, path: str, view: str) -> None:
        self.before = before
        self.path = path
        self.view = view

    @property
    def confining(self) -> bool:
        """As the policy before."""
        return bool(getattr(self.before, "confining", False))

    def rows(self, user: ScopeUser, rows: QuerySet[M], action: str = "view") -> QuerySet[M]:
        """Those in reach, and those of orders that are lent for this."""
        seen = self.before.rows(user, rows, action)
        lent = self._lent(user, action)
        if not lent:
            return seen
        return rows.filter(Q(pk__in=seen.order_by().values("pk")) | Q(**{f"{self.path}__in": lent}))

    def may(self, user: ScopeUser, action: str, obj: Model | type[Model]) -> bool:
        """As before, or for a row of an order that is lent for this."""
        if self.before.may(user, action, obj):
            return True
        lent = () if isinstance(obj, type) else self._lent(user, action)
        if not lent:
            return False
        rows: Any = type(obj)._default_manager
        return bool(rows.filter(pk=obj.pk, **{f"{self.path}__in": lent}).exists())

    def _lent(self, user: Any, action: str) -> tuple[int, ...]:
        right = self.view if action == "view" else action
        return tuple(pk for lender in _lenders for pk in lender(user, right))


def lendable(model: type[Model], path: str, view: str = ORDER_VIEW) -> None:
    """Stand in front of a model's policy; called once, after that is registered."""
    use_policy(Lending(policy_for(model), path, view), model)


def install() -> None:
    """The kernel's own rows that hang on an order."""
    from . import models

    lendable(models.TicketOrder, "pk")
    for model in (
        models.Segment, models.TicketPassenger, models.Ticket, models.RefundRequest, models.ChangeRequest,
    ):  # fmt: skip
        lendable(model, "ticket_order")
    for of_ticket in (models.FeeLine, models.Insurance):
        lendable(of_ticket, "ticket__ticket_order")
    lendable(models.RefundItem, "refund__ticket_order")
    lendable(models.ChangeItem, "change__ticket_order")
