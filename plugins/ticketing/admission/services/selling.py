"""Holding what somebody wants: the wish, whose turn it is, the limits, the kernel's order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import clean_mobile
from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.ticketing.kernel.errors import TicketError
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.holding import hold, order_of, request_key
from saleor_o2o.kernel.clock import now

from ..choices import SaleChannel
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import TicketClass
from ..own import last_refusal
from . import limits
from .keeping import refuse_waited
from .lots import check_free
from .mailing import MailTo, by_mail, check_to, keep
from .proofs import check_proof
from .queueing import check_turn
from .terms import Named, look, terms_of
from .waiting import claim
from .wishing import Ask, wish_for


def hold_admission(
    ask: Ask, *, key: str, user: Any, unit: OrgUnit | None = None, made_by: Any = None, device: str = "",
    waiting: int | None = None, reseller: int | None = None, instead_of: TicketOrder | None = None,
    proof: str = "", named: Named | None = None,
) -> TicketOrder:  # fmt: skip
    """Hold tickets for somebody until they are paid for; the same key again is the same order.

    `unit`: where it is sold, the product's own if not told; `device`: what limits of devices count; `waiting`: an
    offer that he had waited for, or won (`waiting.claim` says for what it is good); `reseller`: who sells it on, for
    their limits; `proof`: the answer to a puzzle where the product wants one online; `instead_of`: his order whose
    tickets these are to take the place of: the hold can be used for that change only; `named`: by which codes
    its rows were asked for. Call outside transactions.
    Raises AdmissionError (`wish_for`, the inventory, limits, queues, draws, PROOF_NEEDED, OFFER_OVER, ADDRESS_NEEDED;
    SOLD_OUT also for what is kept for who waits), MemberError MOBILE_INVALID and TicketError
    (`kernel.services.holding.hold`).
    """
    ask = _with_mobiles(ask)
    owner = user if getattr(user, "is_authenticated", False) else None
    own_key = request_key(key, owner, made_by)
    seen = look(ask, own_key)
    known = order_of(own_key) if seen.known else None
    if _is_same(known, ask):
        return known
    terms, left = terms_of(ask, seen), seen.left
    if named is not None and not named.fits(terms.visit):
        raise AdmissionError(
            Code.NOT_FOUND, _("产品或票类刚刚改了编码"), "product", _("请刷新页面后重新选择")
        )  # fmt: skip
    wish, visit, rules = wish_for(ask, terms), terms.visit, terms.limits
    to = _mail_to(ask, visit.classes, instead_of)
    if waiting is None:
        if ask.channel == SaleChannel.ONLINE:
            check_turn(user, terms.queue)
            # whoever queues has proved it before he took his number; a change takes nothing from anybody
            if terms.queue is None and instead_of is None:
                check_proof(visit.product, proof, visit.session.pk if visit.session is not None else 0)
        check_free(terms.draws)
        if terms.candidate is not None:
            try:
                left.refuse(visit, len(ask.tickets), chosen=any(one.seat is not None for one in ask.tickets))
            except AdmissionError:
                # the last ones may have gone to this very request, sent twice at a time
                twin = order_of(own_key)
                if _is_same(twin, ask):
                    return twin
                raise
        if seen.waited:
            refuse_waited(visit, Counter(one.ticket_class for one in ask.tickets), now())
    buyer = limits.buyer_of(
        documents=[one.passenger.index for one in ask.tickets if one.passenger is not None], mobile=ask.mobile,
        account=owner.pk if owner is not None else None, device=device, tickets=len(ask.tickets),
        assisted=ask.channel != SaleChannel.ONLINE, rules=rules, reseller=reseller,
    )  # fmt: skip

    def within(order: TicketOrder, _tickets: Sequence[Ticket]) -> None:
        if waiting is not None:
            claim(owner, waiting, visit, len(ask.tickets), order.number, terms.draws)
        limits.count(
            order.number, visit, buyer, rules, instead_of=instead_of.number if instead_of is not None else ""
        )

        if to is not None:
            keep(order, to)

    last_refusal()
    try:
        return hold(
            wish, key=key, user=user, unit=unit or visit.product.unit, made_by=made_by,
            within=within if rules or waiting is not None or to is not None else None, instead_of=instead_of,
            looked=known is None,
            accounts=[terms.account] if terms.account is not None else None,
        )  # fmt: skip
    except TicketError as error:
        # our own inventory names the seat and says what to do; the kernel only knows that it refused
        words = last_refusal()
        if words is not None:
            raise words from error
        raise


def _with_mobiles(ask: Ask) -> Ask:
    """The same with telephones in their one form: tickets are sent there, and guests are known by them.

    Resellers' may be numbers of their own that stand for a buyer's. Raises MemberError MOBILE_INVALID.
    """
    if ask.channel == SaleChannel.DISTRIBUTOR:
        return ask
    return replace(
        ask,
        mobile=clean_mobile(ask.mobile) if ask.mobile.strip() else "",
        tickets=[
            replace(one, mobile=clean_mobile(one.mobile, f"tickets.{place}.mobile"))
            if one.mobile.strip()
            else one
            for place, one in enumerate(ask.tickets)
        ],
    )


def _mail_to(ask: Ask, kinds: Sequence[TicketClass], instead_of: TicketOrder | None) -> MailTo | None:
    """Where it is posted to; None for what is not. Raises ADDRESS_NEEDED, INVALID."""
    if not by_mail(kinds):
        return None
    if instead_of is not None:
        raise AdmissionError(
            Code.INVALID,
            _("邮寄的纸票不能改期"),
            "tickets",
            _("没有寄出的可以退票后重新购买，邮费一并退；已寄出的请带纸票到网点柜台退票"),
        )
    return check_to(ask.mail_to)


def _is_same(known: TicketOrder | None, ask: Ask) -> TypeGuard[TicketOrder]:
    return known is not None and known.place.get("product") == ask.product and known.state != "hold_failed"
