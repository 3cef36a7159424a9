"""A card in somebody's hand: activated by scratch code or at a counter, lost, found, replaced, frozen, void."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import (
    Device,
    Member,
    MemberStatus,
    Purpose,
    bind,
    check_code,
    members_by_text,
    primary_mobile,
    send_code,
    unbind,
    use_code,
)
from plugins.org_hierarchy.interfaces import desk_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import InvalidNumber, parse_number
from saleor_o2o.kernel.pace import retry_after
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move_locked

from ..choices import HELD, CardState, Origin
from ..errors import MembershipError, TooOften
from ..errors import MembershipErrorCode as Code
from ..locks import lock_cards, lock_membership
from ..models import Card, Membership, Term
from ..numbers import CARD
from ..permissions import CARD_ACTIVATE, CARD_FREEZE, CARD_VOID
from ..scratching import digest_of
from .terms import extend

ACTIVATED = audit.action("memberships.card_activated", _("激活会员卡"))
LOST = audit.action("memberships.card_lost", _("挂失会员卡"))
FOUND = audit.action("memberships.card_found", _("会员卡解除挂失"))
REPLACED = audit.action("memberships.card_replaced", _("补办会员卡"))
FROZEN = audit.action("memberships.card_frozen", _("冻结、解冻会员卡"))
VOIDED = audit.action("memberships.card_voided", _("注销会员卡"))
#: How often a minute somebody may try a code, and how often a card may be tried, by whomever.
TRIES, TRIES_OF_A_CARD = 5, 10
SHORTEST = 4


def activate(member: Member, number: str, code: str) -> Term:
    """A member activates a card by what he scratched free: its plan is his, the number an identity of his.

    Of two at the same moment one wins. Locks: the card, the member, his memberships. Raises TooOften, CARD_WRONG (the
    number or the code, whichever), CARD_USED, CARD_OVER, CARD_UNSOLD, MEMBER_NOT_ACTIVE, LockTimeout.
    """
    _require_active(member)
    text = _number(number)
    wait = max(
        retry_after("memberships.scratch", f"member:{member.pk}", TRIES),
        retry_after("memberships.scratch-card", text, TRIES_OF_A_CARD),
    )
    if wait:
        raise TooOften(wait)
    with transaction.atomic():
        card = _locked(text)
        if card is None or card.scratch != digest_of(card.number, code):
            raise _wrong()
        if card.sold_at is None and card.state == CardState.INACTIVE:
            raise MembershipError(
                Code.CARD_UNSOLD, _("这张卡还没有售出，不能激活"), "number", _("请到售卡的网点办理")
            )
        return _begin(card, member, "member")


def counter_code(by: Any, member_text: str, device: Device) -> int:
    """A code to the telephone of the member at the counter; seconds until the next. Raises NotAllowed, NOT_FOUND."""
    desk_of(by, CARD_ACTIVATE)
    return send_code(primary_mobile(member_at(member_text)), Purpose.COUNTER, device)


def activate_at_counter(by: Any, number: str, member_text: str, sms: str, device: Device) -> Term:
    """A clerk activates a sold card for the member who stands there and has read a code out.

    Locks: the card, the code, the member, his memberships. Raises NotAllowed, NOT_FOUND, CodeWrong, and as `activate`.
    """
    unit = desk_of(by, CARD_ACTIVATE)
    member = member_at(member_text)
    checked = check_code(primary_mobile(member), Purpose.COUNTER, sms, device)
    with transaction.atomic():
        card = _locked(_number(number))
        if card is None or (card.unit_id != unit.pk and card.sold_at is None):
            raise _wrong()
        if card.sold_at is None:
            raise MembershipError(Code.CARD_UNSOLD, _("这张卡还没有售出"), "number", _("请先按订单登记售卡"))
        use_code(checked)
        return _begin(card, member, actor_label(by))


def _begin(card: Card, member: Member, actor: str) -> Term:
    if card.state != CardState.INACTIVE:
        words = _("这张卡已经激活过了") if card.state in HELD else _("这张卡已作废")
        raise MembershipError(Code.CARD_USED, words, "number", _("有疑问请带卡到网点"))
    if card.good_until <= now():
        raise MembershipError(Code.CARD_OVER, _("这张卡已过激活期限"), "number", _("请带卡到售卡网点咨询"))
    term = extend(member, card.plan, origin=Origin.CARD, unit_id=card.unit_id, note=card.number)
    membership = lock_membership(term.membership_id)
    for old in lock_rows(Card.objects.filter(membership=membership, state__in=HELD)):
        drop_card(old, member, actor, f"由 {card.number} 接替")
    move_locked(card, "activate", actor=actor, membership=membership)
    bind(member, "card", card.number)
    audit.record(ACTIVATED, card, after={"number": card.number, "until": term.ends_at}, actor=actor)
    return term


def report_loss(member: Member, number: str) -> Card:
    """A member lost his card: nobody can use it from now on. Again: the same.

    Locks: the card. Raises NOT_FOUND, IllegalMove.
    """
    return _lose(
        Card.objects.filter(membership__member=member, number=_number(number)).first(), "member", "本人挂失"
    )


def report_loss_at_counter(by: Any, pk: int, reason: str) -> Card:
    """The staff notes a loss, also by telephone. Locks: the card. Raises OutOfScope, NotAllowed, REQUIRED."""
    require(by, CARD_ACTIVATE, get_row(by, Card, pk=pk))
    return _lose(Card.objects.get(pk=pk), actor_label(by), _told(reason))


@transaction.atomic
def _lose(found: Card | None, actor: str, reason: str) -> Card:
    if found is None:
        raise MembershipError(Code.NOT_FOUND, _("没有这张卡"), "number")
    [card] = lock_cards([found.pk])
    if card.state == CardState.LOST:
        return card
    move_locked(card, "lose", actor=actor, reason=reason)
    _release(card)
    audit.record(LOST, card, after={"number": card.number, "reason": reason}, actor=actor)
    return card


@transaction.atomic
def take_back_loss(by: Any, pk: int, reason: str) -> Card:
    """It was found before another took its place. Locks: the card. Raises as `report_loss_at_counter`, IllegalMove."""
    require(by, CARD_ACTIVATE, get_row(by, Card, pk=pk))
    [card] = lock_cards([pk])
    move_locked(card, "find", actor=actor_label(by), reason=_told(reason))
    if card.membership is not None:
        bind(card.membership.member, "card", card.number)
    audit.record(FOUND, card, after={"number": card.number, "reason": reason.strip()}, actor=actor_label(by))
    return card


def replace_card(by: Any, old_pk: int, number: str, sms: str, device: Device) -> Card:
    """A new card from the own unit's stock takes a lost one's membership over; the old one is void.

    The member stands there and has read a code out. Locks: both cards, the code, the member. Raises OutOfScope,
    NotAllowed, CARD_WRONG for a card that is not in stock here or of another kind, NOT_LOST, CodeWrong.
    """
    unit = desk_of(by, CARD_ACTIVATE)
    found = get_row(by, Card.objects.select_related("membership__member"), pk=old_pk)
    require(by, CARD_ACTIVATE, found)
    if found.membership is None:
        raise _not_lost()
    member = found.membership.member
    checked = check_code(primary_mobile(member), Purpose.COUNTER, sms, device)
    with transaction.atomic():
        fresh = Card.objects.filter(number=_number(number)).first()
        cards = {one.pk: one for one in lock_cards([found.pk, fresh.pk if fresh is not None else 0])}
        old, new = cards[found.pk], cards.get(fresh.pk) if fresh is not None else None
        if old.state != CardState.LOST:
            raise _not_lost()
        if (
            new is None or new.state != CardState.INACTIVE or new.unit_id != unit.pk or new.handout_id is not None
            or new.sold_at is not None or new.plan.kind != old.plan.kind
        ):  # fmt: skip
            raise _wrong()
        use_code(checked)
        actor = actor_label(by)
        membership = old.membership
        move_locked(old, "void", actor=actor, reason=f"补办 {new.number}")
        new.replaces, new.sold_at, new.sold_slip = old, now(), f"补 {old.number}"[:40]
        move_locked(new, "activate", actor=actor, membership=membership)
        bind(member, "card", new.number)
        audit.record(
            REPLACED, new, after={"old": old.number, "new": new.number}, actor=actor, org_path=unit.path
        )
    return new


@transaction.atomic
def set_frozen(by: Any, pk: int, frozen: bool, reason: str) -> Card:
    """A supervisor freezes a card with its membership's benefits, or frees it. Locks: the card.

    Raises OutOfScope, NotAllowed, REQUIRED, IllegalMove.
    """
    require(by, CARD_FREEZE, get_row(by, Card, pk=pk))
    told = _told(reason)
    [card] = lock_cards([pk])
    was_lost = card.state == CardState.LOST
    move_locked(card, "freeze" if frozen else "thaw", actor=actor_label(by), reason=told)
    if card.membership is not None and not frozen:
        bind(card.membership.member, "card", card.number)
    elif not was_lost:
        _release(card)
    audit.record(
        FROZEN, card, after={"number": card.number, "frozen": frozen, "reason": told}, actor=actor_label(by)
    )
    return card


@transaction.atomic
def void_card(by: Any, pk: int, reason: str) -> Card:
    """A supervisor makes a card worthless; what it stood for stays its member's. Locks: the card.

    Raises OutOfScope, NotAllowed, REQUIRED, IllegalMove.
    """
    require(by, CARD_VOID, get_row(by, Card, pk=pk))
    [card] = lock_cards([pk])
    drop_card(
        card, card.membership.member if card.membership is not None else None, actor_label(by), _told(reason)
    )
    return card


def drop_card(card: Card, member: Member | None, actor: str, reason: str) -> None:
    """Make a *locked* card worthless, and its number no identity of its member any more."""
    if member is not None:
        unbind(member, "card", card.number)
    move_locked(card, "void", actor=actor, reason=reason[:200])
    audit.record(VOIDED, card, after={"number": card.number, "reason": reason}, actor=actor)


def expire_cards(batch: int = 500) -> int:
    """Cards that nobody activated in time, or whose membership is over, are over; returns how many. Locks: them."""
    from django.db.models import Q

    due = Card.objects.filter(
        Q(state=CardState.INACTIVE, good_until__lte=now())
        | Q(state__in=HELD, membership__ends_at__lte=now(), membership__state__in=("expired", "ended"))
    ).order_by("pk")  # fmt: skip
    done = 0
    for pk in list(due.values_list("pk", flat=True)[:batch]):
        with transaction.atomic():
            [card] = lock_cards([pk])
            if card.state not in (CardState.INACTIVE, *HELD):
                continue
            _release(card)
            move_locked(card, "expire", actor="system")
            done += 1
    return done


def card_of(membership: Membership) -> Card | None:
    """The card that stands for a membership now. One statement."""
    return membership.cards.filter(state__in=HELD).first()


def member_at(text: str) -> Member:
    """The one active member that a whole identity means. Raises NOT_FOUND, MEMBER_NOT_ACTIVE, NO_MOBILE."""
    found = members_by_text(text)
    if len(found) != 1:
        raise MembershipError(
            Code.NOT_FOUND, _("没有找到这个会员"), "member", _("请核对会员号、手机号或证件号，须填写完整")
        )
    _require_active(found[0])
    if not primary_mobile(found[0]):
        raise MembershipError(Code.NO_MOBILE, _("该会员没有手机号"), "member", _("请先在会员页绑定手机号"))
    return found[0]


def _require_active(member: Member) -> None:
    if member.status != MemberStatus.ACTIVE:
        raise MembershipError(
            Code.MEMBER_NOT_ACTIVE, _("该会员已停用，不能办理"), "member", _("请先恢复会员状态")
        )


def _locked(number: str) -> Card | None:
    pk = Card.objects.filter(number=number).values_list("pk", flat=True).first()
    return lock_cards([pk])[0] if pk is not None else None


def _release(card: Card) -> None:
    if card.membership is not None:
        unbind(card.membership.member, "card", card.number)


def _number(text: str) -> str:
    try:
        return parse_number(CARD, text[:40], "number")
    except InvalidNumber:
        raise _wrong() from None


def _told(reason: str) -> str:
    told = reason.strip()[:200]
    if len(told) < SHORTEST:
        raise MembershipError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    return told


def _wrong() -> MembershipError:
    return MembershipError(
        Code.CARD_WRONG, _("卡号或激活码不正确"), "number", _("请核对后重新输入；仍不行请带卡到网点")
    )


def _not_lost() -> MembershipError:
    return MembershipError(Code.NOT_LOST, _("这张卡没有挂失，不能补办"), "number", _("请先挂失"))
