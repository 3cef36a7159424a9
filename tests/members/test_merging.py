"""Two members who are one person: what moves, what is refused, what stays written down."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from saleor.account.models import Address, CustomerEvent, User
from saleor.checkout.models import Checkout
from saleor.order.models import Order

from plugins.members.interfaces import bind, member_by, sign_in
from plugins.members.kinds import MemberStatus
from plugins.members.models import Member, MemberMerge, MemberVisit
from plugins.members.moving import FOLLOWING
from plugins.members.services import merging
from plugins.members.services.merging import current, merge, merge_proven
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry, EventRecord, StateMove
from tests.orgs import again, person
from tests.scope.city import rows_at
from tests.threads import kinds, together
from tests.wiping import wipe

from .asking import ME, MOBILE, OTHER, ask, phone, somebody

REASON = "顾客本人带两部手机到柜台"
RIGHTS = ["member.view", "member.merge"]
THIRD = "13900003333"

#: Keys to users that do not move with a merge, and why.
STAYS = {
    "account.User_groups": "the staff's",
    "account.User_user_permissions": "the staff's",
    "account.StaffNotificationRecipient": "the staff's",
    "account.CustomerNote.user": "who wrote the note",
    "admin.LogEntry": "what the staff did",
    "order.OrderEvent": "who did it, as it was then",
    "o2o_login_security.LoginState": "logins end with a merge",
    "o2o_login_security.LoginRecord": "logins of the staff",
    "o2o_members.Member": "the member itself stays, and leads to the other",
    "o2o_members.Member.registered_by": "who of the staff did it",
    "o2o_members.MemberImport": "who of the staff did it",
    "o2o_coupons.CouponImport": "who of the staff did it",
    "o2o_postal_points.PostalImport": "who of the staff did it",
    "o2o_postal_points.PostalBatch": "who of the staff did it",
    "o2o_postal_points.PostalBusiness.maker": "who of the staff did it",
    "o2o_memberships.BenefitUse.operator": "who of the staff did it",
    "o2o_memberships.CardBatch": "who of the staff did it",
    "o2o_memberships.Handout": "who of the staff did it",
    "o2o_memberships.SettlementSheet": "who of the staff did it",
    "o2o_memberships.SettlementCorrection": "who of the staff did it",
    "o2o_members.MemberMerge": "who of the staff did it",
    "o2o_members.MemberTag": "who of the staff did it",
    "o2o_members.MemberVisit": "who of the staff did it",
    "o2o_org_hierarchy.Staff": "the staff are no members",
    "o2o_org_hierarchy.CustomerHome.made_by": "who of the staff did it",
    "o2o_org_hierarchy.OrderAttribution": "who of the staff did it, or the owner of a shop, as it was then",
    "o2o_org_hierarchy.UnitImport": "who of the staff did it",
    "o2o_org_hierarchy.StaffImport": "who of the staff did it",
    "o2o_official_account.Material.made_by": "who of the staff did it",
    "o2o_official_account.Menu": "who of the staff did it",
    "o2o_official_account.TalkMessage.written_by": "who of the staff answered",
    "o2o_after_sale.AfterSale.applied_by": "who of the staff did it",
    "o2o_after_sale.AfterSale.decided_by": "who of the staff did it",
    "o2o_after_sale.Complaint.handler": "who of the staff did it",
    "o2o_after_sale.Complaint.recorded_by": "who of the staff wrote it down",
    "o2o_official_account.Crawl.begun_by": "who of the staff did it",
    "o2o_members.Restriction.placed_by": "who of the staff did it",
    "o2o_members.Restriction.lifted_by": "who of the staff did it",
    "o2o_admission.EntryRule": "who of the staff did it",
    "o2o_admission.ReplyRule": "who of the staff did it",
    "o2o_admission.Redemption": "who of the staff did it",
    "o2o_admission.Scan": "who of the staff did it",
    "o2o_admission.ScanConflict": "who of the staff did it",
    "o2o_admission.SettlementSheet": "who of the staff did it",
    "o2o_admission.SettlementTerm": "who of the staff did it",
    "o2o_admission.SessionChange": "who of the staff did it",
    "o2o_admission.SessionChoice": "who chose, as it was then; the order moves",
    "o2o_admission.VoucherOldCode": "who of the staff did it",
}
#: Apps whose keys to users are all of the staff, but for those that move.
OF_STAFF = (
    "o2o_approvals", "o2o_cashier", "o2o_commissions", "o2o_dispatch", "o2o_service_map", "o2o_wechat_pay",
    "o2o_counter_sales", "o2o_stripe_pay", "o2o_loyalty", "o2o_member_operations",
    "o2o_ticketing", "o2o_coach", "o2o_admission", "o2o_resale",
)  # fmt: skip
#: Keys that move, and the registered move that does it.
MOVES = {
    **{f"{model._meta.label}.{field}": name for name, (model, field, _label) in FOLLOWING.items()},
    "account.User_addresses.user": "stock.addresses",
    "wishlist.Wishlist.user": "stock.wishlist",
    "o2o_org_hierarchy.CustomerHome.customer": "org_hierarchy",
    "o2o_after_sale.AfterSale.customer": "after_sale",
    "o2o_after_sale.Complaint.customer": "after_sale",
    "o2o_after_sale.Statement.author": "after_sale",
    "o2o_channels.Channel.owner_user": "channels",
    "o2o_channels.CustomerBinding.customer": "channels",
    "o2o_counter_sales.CounterCustomer.user": "counter_sales",
    "o2o_official_account.Fan.user": "official_account",
    "o2o_memberships.Wish.user": "memberships",
    "o2o_ticketing.TicketOrder.user": "ticketing",
    "o2o_coach.CoachInvoice.asked_by": "coach",
    "o2o_admission.Waiting.user": "admission",
    "o2o_admission.QueuePlace.user": "admission",
    "o2o_admission.DrawEntry.user": "admission",
}


def keys_to_users() -> list[tuple[type[Model], str]]:
    """Every foreign key to a user, of every model."""
    fields = User._meta.get_fields(include_hidden=True)
    return [
        (one.related_model, one.field.name)  # type: ignore[union-attr]
        for one in fields
        if one.auto_created and (one.one_to_many or one.one_to_one) and one.related_model is not None
    ]


def test_every_key_to_a_user_is_judged() -> None:
    # when: a new plugin with a customer's rows must say how they move
    from plugins.org_hierarchy.interfaces import customer_moves

    unjudged = [
        f"{model._meta.label}.{name}"
        for model, name in keys_to_users()
        if f"{model._meta.label}.{name}" not in MOVES
        and f"{model._meta.label}.{name}" not in STAYS
        and model._meta.label not in STAYS
        and model._meta.app_label not in OF_STAFF
    ]

    # then
    assert unjudged == []
    assert set(MOVES.values()) - customer_moves().keys() == set()


@pytest.fixture
def pair(org: dict[str, OrgUnit]) -> tuple[Member, Member]:
    """The one who stays has a home and a mobile, the other an older life."""
    return somebody(name="王建国", home_unit=org["B111"]), somebody(
        OTHER, name="王建国", home_unit=org["B112"]
    )


@pytest.mark.django_db
def test_everything_of_the_second_is_the_first_s(
    org: dict[str, OrgUnit], pair: tuple[Member, Member]
) -> None:
    # given: both have orders and addresses, the second a card and a login
    kept, other = pair
    ours, theirs = rows_at(org["B111"], "one").order, rows_at(org["B112"], "two").order
    Order.objects.filter(pk=ours.pk).update(user=kept.user)
    Order.objects.filter(pk=theirs.pk).update(user=other.user)
    address = Address.objects.create(city="渝中区", country="CN")
    other.user.addresses.add(address)
    other.user.default_shipping_address = address
    other.user.save()
    Checkout.objects.create(user=other.user, currency="CNY")
    CustomerEvent.objects.create(user=other.user, type="account_created")
    MemberVisit.objects.create(member=other, unit=org["B121"])
    bind(other, "card", "620100000017")
    token = sign_in(other, phone()).token
    boss = person(org["C11"], "boss", RIGHTS)

    # when
    made = merge(boss, kept, other, REASON)

    # then
    assert set(Order.objects.filter(user=kept.user)) == {ours, theirs}
    user = User.objects.get(pk=kept.user_id)
    assert (list(user.addresses.all()), user.default_shipping_address) == ([address], address)
    assert made.moved == {
        "stock.orders": 1, "stock.checkouts": 1, "stock.events": 1, "stock.addresses": 1, "members.identities": 2,
        "members.visits": 1,
    }  # fmt: skip
    for kind, value in (("mobile", MOBILE), ("mobile", OTHER), ("card", "620100000017")):
        assert member_by(kind, value) == kept
    assert kept.identities.filter(is_primary=True).get().value == MOBILE

    # then: the second is a row that leads to the first
    other.refresh_from_db(fields=["registered_at"])
    gone = Member.objects.get(pk=other.pk)
    assert (gone.status, current(gone), User.objects.get(pk=gone.user_id).is_active) == (
        MemberStatus.MERGED, kept, False,
    )  # fmt: skip
    assert ask(ME, token=token) is None or "errors" in ask(ME, token=token)
    assert StateMove.objects.get(subject_type="o2o_members.member").reason == REASON
    assert AuditEntry.objects.get(action="members.merged").after["absorbed"] == other.number
    assert EventRecord.objects.filter(name="members.merged").count() == 1
    assert made.unit == org["C11"]


@pytest.mark.django_db
def test_after_sales_and_bindings_go_along(org: dict[str, OrgUnit], pair: tuple[Member, Member]) -> None:
    # given
    from plugins.org_hierarchy.models import CustomerHome

    kept, other = pair
    CustomerHome.objects.create(customer=other.user, unit=org["B112"])

    # when
    made = merge_proven(kept, other, REASON)

    # then
    assert CustomerHome.objects.get().customer == kept.user
    assert made.moved["org_hierarchy"] == 1


@pytest.mark.django_db
def test_what_is_refused_changes_nothing(org: dict[str, OrgUnit], pair: tuple[Member, Member]) -> None:
    # given
    kept, other = pair
    third = somebody(THIRD)
    bind(kept, "id_number", "11010119900307707X")
    bind(other, "id_number", "51010119850515123" + _check("51010119850515123"))
    frozen = somebody("13900004444")
    Member.objects.filter(pk=frozen.pk).update(status="frozen")
    frozen = Member.objects.get(pk=frozen.pk)

    # then: oneself, two people, a frozen one
    for one, two in ((kept, kept), (kept, other), (kept, frozen), (frozen, kept)):
        with pytest.raises(DomainError) as refusal:
            merge_proven(one, two, REASON)
        assert str(refusal.value.code.value) == "MERGE_REFUSED"
    merge_proven(kept, third, REASON)
    for one, two in ((third, kept), (other, third), (kept, third)):
        with pytest.raises(DomainError):
            merge_proven(one, two, REASON)
    assert MemberMerge.objects.count() == 1
    assert member_by("mobile", OTHER) == other


def _check(seventeen: str) -> str:
    from saleor_o2o.kernel.documents import id_check

    return id_check(seventeen)


WHO = {
    "both_in_reach": ("C11", RIGHTS, None),
    "one_in_reach": ("B111", RIGHTS, "NOT_FOUND"),
    "looks_only": ("C11", ["member.view"], "PERMISSION_DENIED"),
    "next_door": ("C12", RIGHTS, "NOT_FOUND"),
    "no_permission": ("C11", ["order.view"], "NOT_FOUND"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("who", WHO)
def test_who_may_merge(org: dict[str, OrgUnit], pair: tuple[Member, Member], who: str) -> None:
    # given
    kept, other = pair
    code, permissions, expected = WHO[who]
    user = person(org[code], who, permissions)

    # when
    if expected is None:
        merge(user, kept, other, REASON)
    else:
        with pytest.raises(DomainError) as refusal:
            merge(user, kept, other, REASON)
        assert str(refusal.value.code.value) == expected

    # then
    assert MemberMerge.objects.count() == (1 if expected is None else 0)


@pytest.mark.django_db
def test_the_page_shows_both_before_it_is_done(org: dict[str, OrgUnit], pair: tuple[Member, Member]) -> None:
    # given
    kept, other = pair
    client = Client()
    client.force_login(
        person(org["C11"], "boss", RIGHTS), backend="django.contrib.auth.backends.ModelBackend"
    )
    address = reverse("admin:o2o_members_member_merge", args=[kept.pk])

    # when
    unknown = client.post(address, {"look": "1", "other": "13999999999"}).content.decode()
    looked = client.post(address, {"look": "1", "other": OTHER}).content.decode()
    unsaid = client.post(address, {"do": "1", "other": OTHER, "reason": ""})
    before = MemberMerge.objects.count()
    done = client.post(address, {"do": "1", "other": OTHER, "reason": REASON})

    # then
    assert "没有这个会员，或不在您的管辖范围" in unknown
    assert (
        other.number in looked
        and "不能撤销" in looked
        and OTHER not in looked.replace(f'value="{OTHER}"', "")
    )
    assert (unsaid.status_code, before, done.status_code) == (200, 0, 302)
    page = client.get(reverse("admin:o2o_members_member_change", args=[kept.pk])).content.decode()
    assert other.number in page and REASON in page
    gone = client.get(reverse("admin:o2o_members_member_change", args=[other.pk])).content.decode()
    assert kept.number in gone
    assert User.objects.filter(pk=again(other.user).pk, is_active=True).count() == 0


# -- at the same moment --------------------------------------------------------------------


@pytest.fixture
def three(transactional_db: None, settings: Any) -> Iterator[tuple[Member, Member, Member]]:
    settings.O2O_LOCK_TIMEOUT = 30
    yield somebody(), somebody(OTHER), somebody(THIRD)
    wipe()


def test_crossing_merges_leave_one_member(three: tuple[Member, Member, Member]) -> None:
    # given
    one, two, three_ = three

    # when: A into B, B into A, A into C, C into A
    results = together(
        partial(merge_proven, one, two, REASON),
        partial(merge_proven, two, one, REASON),
        partial(merge_proven, one, three_, REASON),
        partial(merge_proven, three_, one, REASON),
    )

    # then: nobody is lost, nobody is in a circle
    done = [one for one in results if isinstance(one, MemberMerge)]
    assert 1 <= len(done) <= 2 and kinds(results).count("MemberError") == 4 - len(done)
    active = Member.objects.filter(status=MemberStatus.ACTIVE)
    assert active.count() == 3 - len(done)
    for number in (MOBILE, OTHER, THIRD):
        holder = member_by("mobile", number)
        assert holder is not None and holder.status == MemberStatus.ACTIVE
    for member in Member.objects.all():
        assert current(member).status == MemberStatus.ACTIVE


def test_without_the_lock_crossing_merges_lose_a_member(
    three: tuple[Member, Member, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the negative control: both look, then both move
    one, two, _three = three
    gate = Barrier(2, timeout=10)
    check = merging._check

    def both_look(kept: Member, absorbed: Member) -> None:
        check(kept, absorbed)
        gate.wait()

    monkeypatch.setattr(merging, "lock_rows", lambda rows: list(rows))
    monkeypatch.setattr(merging, "_check", both_look)
    monkeypatch.setattr(merging, "end_all", lambda *_args, **_more: 0)

    # when
    results = together(partial(merge_proven, one, two, REASON), partial(merge_proven, two, one, REASON))

    # then: both succeeded, or the database stopped them in each other's arms
    assert kinds(results) != ["MemberError", "MemberMerge"]
