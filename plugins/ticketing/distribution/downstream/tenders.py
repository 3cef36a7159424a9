"""The deposit of a reseller as the money of an order: held and taken under the reseller's lock, given back to it.

Nobody chooses it on a page: only the interface pays with it, as a partner, for the reseller that it has recognised.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.cashier.interfaces import Asked, Audience, Found, Held, Payer, Tender, Wish
from saleor_o2o.kernel.locks import lock_rows

from .choices import EntryKind
from .errors import ResaleError
from .errors import ResaleErrorCode as Code
from .locks import lock_reseller
from .models import Reseller
from .services.ledger import book, check_enough

KIND = "reseller_deposit"


class DepositTender(Tender):
    """`ref` is the reseller's key."""

    kind = KIND
    title = _("渠道预存款")
    audience = frozenset({Audience.PARTNER})

    def identify(self, wish: Wish, payer: Payer) -> Found:
        found = Reseller.objects.filter(pk=int(wish.code)).first() if wish.code.isdigit() else None
        if found is None:
            raise ResaleError(Code.NOT_FOUND, _("没有这个分销商"), "code")
        return Found(str(found.pk), str(_("渠道预存款 %(name)s") % {"name": found.name})[:64])

    def lock(self, refs: list[str]) -> None:
        lock_rows(Reseller.objects.filter(pk__in=[int(ref) for ref in refs]), no_key=True)

    def hold(self, asked: Asked) -> Held:
        check_enough(lock_reseller(int(asked.ref)), asked.most)
        return Held(asked.most)

    def held(self, part: Any) -> None:
        book(
            lock_reseller(int(part.ref)), EntryKind.ORDER, -part.amount, part.number, order_id=part.intent.order_id,
            words=_("订单 %(number)s") % {"number": part.intent.order_id},
        )  # fmt: skip

    def release(self, part: Any) -> bool:
        self._back(part, EntryKind.RELEASE, part.amount, part.number)
        return True

    def refund(self, part: Any, amount: Decimal, number: str, *, at_counter: bool) -> bool:
        self._back(part, EntryKind.REFUND, amount, number)
        return True

    def _back(self, part: Any, kind: EntryKind, amount: Decimal, number: str) -> None:
        book(
            lock_reseller(int(part.ref)), kind, amount, number, order_id=part.intent.order_id,
            words=_("订单 %(number)s") % {"number": part.intent.order_id},
        )  # fmt: skip


DEPOSIT = DepositTender()
