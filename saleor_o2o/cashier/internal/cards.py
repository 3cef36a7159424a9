"""Stored-value cards: Saleor's gift cards, spent under a lock, each change of a balance with a line of ours.

Whoever has the code may spend the card, as in stock's checkout. The balance is taken when the part is held, as stock
takes it when the order is written, so that nobody sees money that is promised already.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from saleor.giftcard.models import GiftCard

from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.request import current

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..models import CardMovement, CardMovementKind, PaymentPart
from ..tenders import Asked, Audience, Found, Held, Payer, Tender, Wish


class CardTender(Tender):
    """`ref` is the card's key; the code itself is kept nowhere."""

    kind = "gift_card"
    title = _("储值卡")
    audience = frozenset(Audience)
    prompt = _("请输入卡号")

    def identify(self, wish: Wish, payer: Payer) -> Found:
        code = wish.code.strip()
        usable = GiftCard.objects.active(date=timezone.localdate())
        card = usable.filter(code__iexact=code).first() if 0 < len(code) <= 16 else None
        if card is None:
            raise CashierError(Code.CARD_UNUSABLE, field="code")
        return Found(str(card.pk), f"{_('储值卡')} {card.display_code}")

    def lock(self, refs: list[str]) -> None:
        lock_rows(GiftCard.objects.filter(pk__in=[int(ref) for ref in refs]))

    def hold(self, asked: Asked) -> Held:
        card = self._locked(asked.ref)
        today = timezone.localdate()
        is_current = card.start_date <= today and (card.end_date is None or card.end_date >= today)
        if not card.is_active or not is_current or card.currency != asked.intent.currency:
            raise CashierError(Code.CARD_UNUSABLE, field="code")
        balance = card.current_balance_amount
        amount = min(asked.most, balance) if asked.amount is None else asked.amount
        if amount <= 0 or amount > balance:
            raise CashierError(
                Code.BALANCE_TOO_LOW,
                field="amount",
                message=_("卡内余额 %(balance)s 不足") % {"balance": format_yuan(balance)},
            )
        return Held(amount)

    def held(self, part: PaymentPart) -> None:
        self._post(part, CardMovementKind.HOLD, -part.amount, f"hold:{part.number}")

    def release(self, part: PaymentPart) -> bool:
        self._post(part, CardMovementKind.RELEASE, part.amount, f"release:{part.number}")
        return True

    def refund(self, part: PaymentPart, amount: Decimal, number: str, *, at_counter: bool) -> bool:
        self._post(part, CardMovementKind.REFUND, amount, f"refund:{number}")
        return True

    def _post(self, part: PaymentPart, kind: CardMovementKind, amount: Decimal, key: str) -> None:
        """Write one movement with the balance. A card that is past its date still takes money back."""
        card = self._locked(part.ref)
        after = card.current_balance_amount + amount
        if after < 0:
            raise CashierError(Code.BALANCE_TOO_LOW, field="amount")
        card.current_balance_amount = after
        card.last_used_on = timezone.now()
        card.save(update_fields=["current_balance_amount", "last_used_on"])
        CardMovement.objects.create(
            card=card,
            part=part,
            kind=kind,
            amount=amount,
            balance_after=after,
            biz_key=key,
            actor=current().actor,
        )

    def _locked(self, ref: str) -> GiftCard:
        return lock_rows(GiftCard.objects.filter(pk=int(ref)))[0]


CARD = CardTender()
