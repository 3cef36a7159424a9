"""What the kernel asks of admission: facts for fees, vouchers that come and go, words for people."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import IN_VAIN, RefundCause, Trade
from plugins.ticketing.kernel.engine import Facts, Part
from plugins.ticketing.kernel.models import RefundRequest, Ticket, TicketOrder
from plugins.ticketing.kernel.papers import register_ended
from plugins.ticketing.kernel.trades import register_names, register_trade
from saleor_o2o.kernel.clock import SHANGHAI, now

from .anchors import anchors_of
from .choices import SHOWS
from .models import AdmissionProduct, Mailing, Session, TicketClass
from .sold import visit_words
from .vouchers.choices import MailState
from .vouchers.services.changing import align
from .vouchers.services.letters import stop
from .vouchers.services.making import make_vouchers, tickets_gone
from .vouchers.services.papering import end_paper, postage_back


class AdmissionTrade:
    """The rules of scenic spots and of shows; one and the same, but for where time is counted from."""

    def facts(self, ticket: Ticket, *, carriers_fault: bool, quantity: int, changing: bool = False) -> Facts:
        """START is the beginning of a session, or midnight of the day of the visit. Raises VoucherError ON_PAPER for
        what is on paper, unless the organiser is to blame: then nobody has to bring it."""
        postage = postage_back(ticket, changing=changing, carriers_fault=carriers_fault)
        return Facts(
            parts=(part_of(ticket, quantity),),
            moment=now(),
            anchors=anchors_of([ticket])[ticket.pk],
            passenger=ticket.passenger.type if ticket.passenger is not None else "adult",
            involuntary=carriers_fault,
            times_before=ticket.changes,
            account_before=_refunds_before(ticket),
            service=_share(ticket.service, quantity, ticket.uses),
            service_back=postage,
        )

    def issued(self, order: TicketOrder, tickets: Sequence[Ticket]) -> None:
        """Vouchers, and a text message where the code comes by one; at the time to which a session was put off."""
        moved = align(order)
        if moved is not order:
            order.starts_at, order.ends_at = moved.starts_at, moved.ends_at
            for one in tickets:
                one.refresh_from_db(fields=["valid_from", "valid_until"])
        make_vouchers(order, tickets)

    def gone(self, order: TicketOrder, tickets: Sequence[Ticket], quantities: Mapping[int, int]) -> None:
        """The vouchers let in so many less."""
        tickets_gone(tickets)
        stop(tickets)

    def describe(self, order: TicketOrder) -> Sequence[tuple[str, str]]:
        """Product, session or day, place: as the order keeps them, whatever became of the rows. A statement for a
        letter that was not read along (`mailing`), none for anything else."""
        found = visit_words(order)
        if isinstance(order.place, dict) and order.place.get("mail"):
            found.append((_("纸票邮寄"), _letter(order.mailing)))
        return found


def _letter(row: Mailing) -> str:
    """Where the paper tickets of an order are; nobody's address."""
    if row.state == MailState.SENT and row.sent_at is not None:
        return f"{row.sent_at.astimezone(SHANGHAI):%m-%d %H:%M} {row.get_state_display()} {row.carrier} {row.waybill}"
    return str(row.get_state_display())


def part_of(ticket: Ticket, quantity: int) -> Part:
    """So many of a ticket's people as one part: face, paid without the service fee, full fare."""
    paid = ticket.price - ticket.service
    return Part(
        "1",
        _share(ticket.face, quantity, ticket.uses),
        _share(paid, quantity, ticket.uses),
        _share(ticket.full_fare, quantity, ticket.uses),
    )


def class_of(ticket: Ticket) -> TicketClass | None:
    """The ticket class a ticket was sold as."""
    return TicketClass.objects.select_related("product").filter(variant=ticket.variant_id).first()


def _share(amount: Decimal, quantity: int, uses: int) -> Decimal:
    if quantity >= uses or uses == 0:
        return amount
    return (amount * quantity / uses).quantize(Decimal("0.01"))


def _refunds_before(ticket: Ticket) -> int:
    """How often whoever has the ticket has given back tickets of this session or product.

    That is the account, the mobile of the order, and the document on the ticket, whichever is known: buying as a guest,
    at a counter or elsewhere does not give a right anew. One statement.
    """
    order = ticket.ticket_order
    same = Q()
    if order.user_id is not None:
        same |= Q(ticket_order__user=order.user_id)
    if order.mobile_index:
        same |= Q(ticket_order__mobile_index=order.mobile_index)
    if ticket.passenger is not None and ticket.passenger.document_index:  # a forgotten one has none
        same |= Q(items__ticket__passenger__document_index=ticket.passenger.document_index)
    if not same:
        return 0
    rows = RefundRequest.objects.filter(
        same, ticket_order__key=order.key, ticket_order__trade=order.trade, cause=RefundCause.PASSENGER
    )
    return rows.exclude(state__in=IN_VAIN).values("pk").distinct().count()


def products_of(keys: Collection[str]) -> dict[str, str]:
    """The products that `product:<pk>` name, and those of the sessions `session:<pk>`; without what no order is named
    by. Two statements."""
    asked: dict[str, list[int]] = {"product": [], "session": []}
    for key in keys:
        kind, _colon, number = key.partition(":")
        if kind in asked and number.isdecimal() and len(number) <= 18:
            asked[kind].append(int(number))
    # orders of a show are named by its sessions (`wishing.key_of`), never by the show
    whole = AdmissionProduct.objects.filter(pk__in=asked["product"]).exclude(kind__in=SHOWS)
    single = Session.objects.filter(pk__in=asked["session"])
    return {
        **{f"product:{pk}": name for pk, name in whole.values_list("pk", "name")},
        **{f"session:{pk}": name for pk, name in single.values_list("pk", "product__name")},
    }


def install() -> None:
    """Register the rules of both trades; called once when the app is ready."""
    rules = AdmissionTrade()
    for trade in (Trade.SCENIC, Trade.SHOW):
        register_trade(trade, rules)
        register_names(trade, products_of)
    register_ended(Trade.SCENIC, end_paper)
    register_ended(Trade.SHOW, end_paper)
