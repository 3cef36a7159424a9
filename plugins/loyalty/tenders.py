"""The balance as a part of a payment: held when it is chosen, captured with the order, given back to its lots.

A shopper who has logged in uses the own one. A clerk uses a member's with the consent that the member gave by code
(`services.consenting`): for this sale, this amount, this clerk, once.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member, MemberStatus, current, member_of, notify
from saleor_o2o.cashier.interfaces import Asked, Audience, Found, Held, Payer, Tender, Wish
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.money import format_yuan

from .errors import LoyaltyError
from .errors import LoyaltyErrorCode as Code
from .kinds import Book, ConsentKind, EntryKind
from .models import Consent, Entry, Purse, RechargePackage
from .selectors import unit_of_order
from .services import consenting
from .services.ledger import Why, give_back, lock_purses, spend
from .services.recharging import frozen
from .services.settling import settle, settle_back

_PAID = "balance_part"


class BalanceTender(Tender):
    """One's own balance, after logging in; or a member's who has agreed at a counter. `ref` is the member's key.

    Whoever logged in types nothing; a clerk's `code` is the number of the consent.
    """

    kind = "balance"
    title = _("储值余额")
    audience = frozenset({Audience.SHOPPER, Audience.STAFF})
    prompt = _("会员确认单号（先发送验证码，由会员念出）")

    def prompt_for(self, payer: Payer) -> Text | None:
        """A clerk types the consent's number; whoever is logged in nothing, and a guest has no balance."""
        if payer.audience is Audience.STAFF:
            return self.prompt
        return None if payer.user is None else ""

    def identify(self, wish: Wish, payer: Payer) -> Found:
        if payer.audience is Audience.STAFF:
            agreed = consenting.named(wish.code, payer.user, ConsentKind.BALANCE, wish.amount)
            return Found(
                str(agreed.member_id), str(_("储值余额 %(member)s") % {"member": agreed.member.number})
            )
        member = member_of(payer.user)
        if member is None:
            raise LoyaltyError(Code.SIGN_IN_REQUIRED, _("请先登录会员账号，再使用储值余额"), "kind")
        return Found(str(member.pk), str(_("储值余额")))

    def lock(self, refs: list[str]) -> None:
        lock_purses(*(int(ref) for ref in refs))

    def hold(self, asked: Asked) -> Held:
        member = Member.objects.get(pk=int(asked.ref))
        if member.status != MemberStatus.ACTIVE:
            raise LoyaltyError(Code.MEMBER_NOT_ACTIVE, _("该会员已停用，不能使用储值余额"), "kind")
        if RechargePackage.objects.filter(variant__order_lines__order_id=asked.order.pk).exists():
            raise LoyaltyError(
                Code.NOT_OFFERED, _("充值不能用储值余额支付"), "kind", _("请用微信或其他方式支付")
            )
        purse = self._purse(asked.ref)
        if purse.is_frozen:
            raise frozen(purse)
        if asked.payer.audience is Audience.STAFF:
            return self._agreed(asked, member, purse)
        amount = min(asked.most, purse.balance) if asked.amount is None else asked.amount
        if amount <= 0 or amount > purse.balance:
            raise LoyaltyError(
                Code.BALANCE_SHORT,
                _("储值余额 %(balance)s 不足") % {"balance": format_yuan(purse.balance)},
                "amount",
                _("可先充值，或用其他方式支付其余部分"),
            )
        return Held(amount)

    def _agreed(self, asked: Asked, member: Member, purse: Purse) -> Held:
        """What the member agreed to, which is used by it. Raises as `consenting.named` and `consenting.take`."""
        agreed = consenting.named(asked.code, asked.payer.user, ConsentKind.BALANCE, asked.amount)
        if agreed.amount > asked.most:
            raise LoyaltyError(
                Code.CONSENT_DIFFERS,
                _("会员确认的 %(agreed)s 多于还差的 %(most)s")
                % {"agreed": format_yuan(agreed.amount), "most": format_yuan(asked.most)},
                "amount",
                _("请按还差的金额重新发送验证码"),
            )
        consenting.check_enough(asked.payer.user, member, agreed.amount, purse.balance)
        consenting.take(agreed.pk, asked.order.pk, asked.number)
        return Held(agreed.amount)

    def held(self, part: Any) -> None:
        order_id = part.intent.order_id
        why = Why(EntryKind.PAY, _PAID, part.number, unit_of_order(order_id), order_id)
        settle(spend(self._purse(part.ref), part.amount, why), why)

    def capture(self, part: Any) -> None:
        """Whose balance was used at a counter is told so."""
        agreed = Consent.objects.select_related("unit", "member").filter(part_number=part.number).first()
        if agreed is None:
            return
        member = current(agreed.member)
        left = (
            Purse.objects.filter(member=member, book=Book.BALANCE).values_list("balance", flat=True).first()
        )
        notify(
            member,
            consenting.PAID,
            {"place": agreed.unit.name, "amount": f"{part.amount:.2f}", "left": f"{left or 0:.2f}"},
        )

    def release(self, part: Any) -> bool:
        self._back(part, part.amount, f"release:{part.number}")
        return True

    def refund(self, part: Any, amount: Decimal, number: str, *, at_counter: bool) -> bool:
        self._back(part, amount, f"refund:{number}")
        return True

    def _back(self, part: Any, amount: Decimal, key: str) -> None:
        paid = Entry.objects.get(book=Book.BALANCE, biz_type=_PAID, biz_id=part.number)
        why = Why(EntryKind.PAY_BACK, "balance_back", key, paid.unit_id, part.intent.order_id)
        give_back(self._purse(part.ref), paid, amount, why)
        settle_back(paid, why)

    def _purse(self, ref: str) -> Purse:
        """The locked purse; of a member who was merged into another, the other's."""
        member = current(Member.objects.get(pk=int(ref)))
        return lock_purses(member.pk)[member.pk][Book.BALANCE]


BALANCE = BalanceTender()
