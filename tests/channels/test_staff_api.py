"""Who may do what over the API: anonymous, shopper, clerk in and out of scope, manager; refused means unchanged."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User

from plugins.channels.analytics import elapsed_share, light, progress
from plugins.channels.blockers import blockers_of
from plugins.channels.errors import ChannelError
from plugins.channels.models import Channel, Course, CustomerBinding, Target, Visit
from plugins.channels.receivers import close_counter
from plugins.channels.services.targets import set_target
from plugins.channels.types import ChannelStatus, ChannelType
from plugins.org_hierarchy.events import UnitClosed
from plugins.org_hierarchy.interfaces import blockers_of as unit_blockers
from plugins.org_hierarchy.models import DataScope, OrgUnit
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.models import AuditEntry, StateMove
from tests.orgs import person
from tests.stock.world import World

from . import shops
from .conftest import LIAISON

VISIT = """mutation($code: String!) { channelVisitRecord(code: $code, kind: ROUTINE, result: GOOD, findings: "整洁") {
  channel { name } errors { code } } }"""
MOVE = """mutation($code: String!) { channelMove(code: $code, move: PAUSE, reason: "装修") {
  channel { status } errors { code } } }"""
UPDATE = """mutation($code: String!) { channelUpdate(code: $code, input: {address: "新址"}) {
  channel { address } errors { code } } }"""
EXAM = """mutation($code: String!) { channelExamRecord(code: $code, course: "basics", score: 90) {
  passed errors { code } } }"""
SUBMIT = "mutation($code: String!) { channelSubmit(code: $code) { requestNumber errors { code } } }"
TRANSFER = """mutation($code: String!, $target: String!) { channelCustomersTransfer(
  source: $code, target: $target, reason: "搬家") { customers errors { code } } }"""
OPERATIONS = {
    "channelVisitRecord": VISIT, "channelMove": MOVE, "channelUpdate": UPDATE, "channelExamRecord": EXAM,
    "channelSubmit": SUBMIT, "channelCustomersTransfer": TRANSFER,
}  # fmt: skip
LIST = "query { salesChannels { code owner unitCode } }"
ONE = "query($code: String!) { salesChannel(code: $code) { code } }"


@pytest.fixture
def channel(org: dict[str, OrgUnit], world: World) -> Channel:
    Course.objects.create(code="basics", name="微店入门")
    made = shops.shop(org["B111"]).channel
    CustomerBinding.objects.create(customer=world.customer, channel=made, basis="first", actor="system")
    return made


@pytest.fixture
def people(
    org: dict[str, OrgUnit], world: World, liaison: User, abroad: User, county: User
) -> dict[str, Any]:
    return {
        "anonymous": None, "shopper": world.customer, "looks only": person(org["B111"], "looks", ["channel.view"]),
        "abroad": abroad, "liaison": liaison, "county": county,
    }  # fmt: skip


def snapshot() -> Any:
    return (
        list(Channel.objects.order_by("pk").values("status", "address")), Visit.objects.count(),
        AuditEntry.objects.count(), StateMove.objects.count(),
        list(CustomerBinding.objects.values_list("channel_id", "ended_at")),
    )  # fmt: skip


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("anonymous", "NOT_FOUND"),
        ("shopper", "NOT_FOUND"),
        ("abroad", "NOT_FOUND"),
        ("looks only", "PERMISSION_DENIED"),
    ],
)
def test_refused_and_unchanged(
    channel: Channel, org: dict[str, OrgUnit], people: dict[str, Any], name: str, who: str, code: str
) -> None:
    # given
    target = shops.channel(org["B111"])
    before = snapshot()

    # when
    answer = shops.ask(OPERATIONS[name], {"code": channel.code, "target": target.code}, people[who])[name]

    # then
    assert [error["code"] for error in answer["errors"]] == [code]
    assert snapshot() == before


@pytest.mark.parametrize("name", ["channelVisitRecord", "channelMove", "channelUpdate", "channelExamRecord"])
@pytest.mark.parametrize("who", ["liaison", "county"])
def test_allowed_in_reach(channel: Channel, people: dict[str, Any], name: str, who: str) -> None:
    # when
    answer = shops.ask(OPERATIONS[name], {"code": channel.code}, people[who])[name]

    # then
    assert answer["errors"] == []


def test_customers_are_handed_over_by_whoever_may(
    channel: Channel, org: dict[str, OrgUnit], people: dict[str, Any]
) -> None:
    # given: a shop of the county and one abroad
    near, far = shops.shop(org["B112"]).channel, shops.shop(org["B121"]).channel

    # when / then
    for who, target, codes in (
        ("liaison", near, ["PERMISSION_DENIED"]), ("county", far, ["NOT_FOUND"]), ("county", near, []),
    ):  # fmt: skip
        variables = {"code": channel.code, "target": target.code}
        answer = shops.ask(TRANSFER, variables, people[who])["channelCustomersTransfer"]
        assert [error["code"] for error in answer["errors"]] == codes
    assert CustomerBinding.objects.get(ended_at__isnull=True).channel == near


def test_lists_show_what_is_in_reach_and_mask_the_owner(channel: Channel, people: dict[str, Any]) -> None:
    # when
    seen = {who: shops.ask(LIST, {}, user)["salesChannels"] for who, user in people.items()}

    # then
    expected = [{"code": channel.code, "owner": channel.masked_owner, "unitCode": "B111"}]
    assert {who: len(rows) for who, rows in seen.items()} == {
        "anonymous": 0, "shopper": 0, "abroad": 0, "looks only": 1, "liaison": 1, "county": 1,
    }  # fmt: skip
    assert seen["county"] == expected
    for who in ("anonymous", "shopper", "abroad"):
        answer = shops.post(ONE, {"code": channel.code}, people[who])
        assert answer["errors"][0]["message"] == "记录不存在"


def test_only_ones_own_means_the_liaisons_own(channel: Channel, org: dict[str, OrgUnit]) -> None:
    # given
    user = person(org["B111"], "narrow", LIAISON, scope=DataScope.SELF)
    mine = shops.channel(org["B121"], liaison=user.o2o_staff)

    # then
    assert [row["code"] for row in shops.ask(LIST, {}, user)["salesChannels"]] == [mine.code]


def test_the_list_takes_as_many_statements_for_many(
    channel: Channel, org: dict[str, OrgUnit], liaison: User
) -> None:
    # given
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            shops.ask(LIST, {}, liaison)
        return len(captured)

    count()
    one = count()
    for _ in range(15):
        shops.channel(org["B111"])

    # then
    assert count() == one


def test_targets_ranks_and_lights(
    channel: Channel, org: dict[str, OrgUnit], county: User, abroad: User
) -> None:
    # given: two shops; customers bound this month: one, none
    other = shops.channel(org["B112"])
    month = today()
    set_target(channel, month, "customers", Decimal(9))
    set_target(channel, month, "customers", Decimal(1))
    set_target(other, month, "customers", Decimal(2))

    # when
    first, second = progress(county, month, "customers")

    # then
    assert (first.target.channel, first.done, first.percent, first.rank, first.light) == (
        channel, Decimal(1), Decimal("100.0"), 1, "green",
    )  # fmt: skip
    assert (second.done, second.rank, second.light) == (Decimal(0), 2, "red")
    assert Target.objects.count() == 2
    assert progress(abroad, month, "customers") == []
    for day, goal in ((date(2020, 1, 1), Decimal(1)), (today(), Decimal(0))):
        with pytest.raises(ChannelError):
            set_target(channel, day, "gmv", goal)


def test_lights_follow_the_calendar() -> None:
    # given: the tenth of a month of thirty days
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    with frozen(now().replace(year=2026, month=11, day=10)):
        expected = elapsed_share(first, last)

    # then
    assert expected == Decimal(10) / 30
    shares = ("0.34", "0.30", "0.26", "0")
    assert [light(Decimal(share), expected) for share in shares] == ["green", "yellow", "red", "red"]
    with frozen(now().replace(year=2027, month=1, day=1)):
        assert elapsed_share(first, last) == 1


def test_a_unit_does_not_close_over_its_shops_and_takes_its_counter_along(
    channel: Channel, org: dict[str, OrgUnit]
) -> None:
    # given
    counter = shops.channel(org["B111"], type=ChannelType.OUTLET, owner_id_index="")
    assert "未退出的渠道 1" in [str(one) for one in unit_blockers(org["B111"])]
    assert [str(one) for one in blockers_of(channel)] == ["未移交客户 1"]

    # when
    close_counter(UnitClosed(unit_id=org["B111"].pk, successor_id=None, closed_on=today()))

    # then
    assert Channel.objects.get(pk=counter.pk).status == ChannelStatus.LEFT
    assert Channel.objects.get(pk=channel.pk).status == ChannelStatus.ACTIVE
