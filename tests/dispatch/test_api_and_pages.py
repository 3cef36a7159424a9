"""The staff's API and pages: the same rights and words; out of reach is not there; counts of statements are flat."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from saleor.account.models import User

from plugins.dispatch.models import ClockRule, DispatchTask
from plugins.dispatch.services.giving import send
from plugins.dispatch.services.refusing import refuse
from plugins.dispatch.services.taking import grab
from plugins.dispatch.showing import rough
from saleor_o2o.kernel.models import AuditEntry
from tests.buying.shopper import ask
from tests.orgs import again, person

from .conftest import NOBODYS, SECOND, Shop

TASK = """number state stage stateText stageText unit { code name } offeredTo { code } holderName mine late why
  receiver { name phone address mapUrl whole } fetchedFrom goods { name quantity left } actions"""
QUEUE = f"""query($view: DispatchView!, $unit: String, $first: Int, $after: String) {{
  dispatchQueue(view: $view, unit: $unit, first: $first, after: $after) {{ items {{ {TASK} }} endCursor }} }}"""
ONE = f"""query($number: String!) {{ dispatchTask(number: $number) {{ task {{ {TASK} }}
  history {{ deed text actor }} }} }}"""
BOARD = "{ dispatchBoard { code name toGrab manager county taken offered late done } }"
CHOICES = """query($number: String!) { dispatchChoices(number: $number) {
  people { employeeNo name open } units { unit { code } direct } } }"""


def deed(name: str, more: str = "", given: str = "") -> str:
    """A mutation about one task."""
    return (
        f"mutation($number: String!{more}) {{ {name}(number: $number{given}) {{ "
        "task { state holderName unit { code } } errors { code message hint field } } }"
    )


GRAB = deed("dispatchGrab")
ACCEPT = deed("dispatchAccept")
SEND = deed("dispatchSend")
REFUSE = deed("dispatchRefuse", ", $reason: DispatchReason!, $text: String", ", reason: $reason, text: $text")
TRANSFER = deed(
    "dispatchTransfer", ", $person: String, $unit: String, $reason: DispatchReason!",
    ", person: $person, unit: $unit, reason: $reason",
)  # fmt: skip
ASSIGN = """mutation($numbers: [String!]!, $person: String!) { dispatchAssign(numbers: $numbers, person: $person) {
  given { number problem } errors { code message } } }"""
PAGE = "admin:o2o_dispatch_dispatchtask"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def statements(work: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        work()
    return len(found)


# -- the API ------------------------------------------------------------------------------------


def test_from_the_queue_to_the_door_over_the_api(shop: Shop) -> None:
    # given
    shop.buy()
    courier = shop.people["courier"]
    [seen] = ask(QUEUE, {"view": "TO_GRAB"}, courier)["dispatchQueue"]["items"]
    number = seen["number"]

    # then: before it is in hand: the street, no number, no person
    assert (seen["unit"]["name"], seen["actions"]) == ("大溪沟支局", ["GRAB"])
    assert seen["receiver"] == {
        "name": "李**", "phone": "138****8000", "address": "渝中区民族路***", "mapUrl": None, "whole": False
    }  # fmt: skip
    assert seen["goods"] == [{"name": "奉节脐橙 5 千克", "quantity": 1, "left": 1}]

    # when
    done = ask(GRAB, {"number": number}, courier)["dispatchGrab"]
    assert (done["errors"], done["task"]["holderName"]) == ([], "courier")
    late = ask(GRAB, {"number": number}, shop.people["clerk"])["dispatchGrab"]

    # then: who was faster, in words and in the row
    assert (late["errors"][0]["code"], late["task"]["holderName"]) == ("TAKEN", "courier")
    assert "已被courier于" in late["errors"][0]["message"]

    # then: in hand: everything
    [mine] = ask(QUEUE, {"view": "MINE"}, courier)["dispatchQueue"]["items"]
    assert mine["receiver"]["whole"] is True
    assert (mine["receiver"]["name"], mine["receiver"]["phone"]) == ("李桂英", "13800138000")
    assert mine["receiver"]["address"] == "重庆市渝中区民族路 18 号"
    assert mine["receiver"]["mapUrl"].startswith(
        "https://uri.amap.com/navigation?to=106.550000%2C29.550000%2CPD"
    )
    assert mine["actions"] == ["SEND", "PASS", "MOVE", "REFUSE"]

    # when
    sent = ask(SEND, {"number": number}, courier)["dispatchSend"]

    # then: over, and masked again
    assert (sent["errors"], sent["task"]["state"]) == ([], "DONE")
    told = ask(ONE, {"number": number}, courier)["dispatchTask"]
    assert told["task"]["receiver"]["whole"] is False
    assert [(one["deed"]) for one in told["history"]] == ["派达", "抢单", "发出"]
    assert ask(BOARD, {}, shop.people["county"])["dispatchBoard"] == [
        {"code": "B111", "name": "大溪沟支局", "toGrab": 0, "manager": 0, "county": 0, "taken": 0, "offered": 0,
         "late": 0, "done": 1}
    ]  # fmt: skip


def test_the_county_reads_where_to_but_not_to_whom(shop: Shop) -> None:
    # given
    shop.map.answer = NOBODYS
    shop.buy()

    # when
    [seen] = ask(QUEUE, {"view": "MY_TURN"}, shop.people["county"])["dispatchQueue"]["items"]
    other = ask(ONE, {"number": seen["number"]}, shop.people["viewer"])["dispatchTask"]["task"]

    # then: and there is nobody to give it back to
    assert (seen["receiver"]["address"], seen["receiver"]["name"]) == ("渝中区民族路 18 号", "李**")
    assert seen["actions"] == ["GRAB", "ASSIGN", "MOVE"]
    assert (other["receiver"]["address"], other["receiver"]["mapUrl"]) == ("渝中区民族路***", None)


def test_to_the_neighbour_over_the_api(shop: Shop) -> None:
    # given
    shop.buy()
    number = shop.task().number
    manager, chief = shop.people["manager"], shop.people["chief"]

    # then: who and where to; the neighbour is asked, the county need not ask
    offered = ask(CHOICES, {"number": number}, manager)["dispatchChoices"]
    assert [one["employeeNo"] for one in offered["people"]] == ["clerk", "courier", "manager"]
    assert [(one["unit"]["code"], one["direct"]) for one in offered["units"]] == [
        ("C11", False),
        ("B112", False),
    ]
    above = ask(CHOICES, {"number": number}, shop.people["county"])["dispatchChoices"]["units"]
    assert [(one["unit"]["code"], one["direct"]) for one in above] == [("C11", True), ("B112", True)]
    assert ask(CHOICES, {"number": number}, shop.people["viewer"])["dispatchChoices"] == {
        "people": [],
        "units": [],
    }

    # when: both named, neither named
    for given in ({"person": "clerk", "unit": "B112"}, {}):
        done = ask(TRANSFER, {"number": number, "reason": "NO_HANDS", **given}, manager)["dispatchTransfer"]
        assert done["errors"][0]["code"] == "REQUIRED"
    done = ask(TRANSFER, {"number": number, "unit": "B112", "reason": "NO_HANDS"}, manager)[
        "dispatchTransfer"
    ]
    assert (done["errors"], done["task"]["state"]) == ([], "OFFERED")

    # then
    [asked] = ask(QUEUE, {"view": "MY_TURN"}, chief)["dispatchQueue"]["items"]
    assert asked["actions"] == ["GRAB", "ACCEPT", "REFUSE"]
    done = ask(ACCEPT, {"number": number}, chief)["dispatchAccept"]
    assert (done["errors"], done["task"]["unit"]["code"]) == ([], "B112")
    assert ask(ONE, {"number": number}, manager)["dispatchTask"] is None


@pytest.mark.parametrize("who", ["nobody", "shopper", "neighbour", "stranger"])
def test_others_learn_nothing_and_change_nothing(shop: Shop, who: str) -> None:
    # given
    shop.buy()
    task = shop.task()
    user = {"nobody": None, "shopper": shop.world.customer}.get(who) or shop.people.get(who)
    before = DispatchTask.objects.values().get()

    # then
    for view in ("TO_GRAB", "OPEN", "LATE", "MY_TURN", "MINE", "OVER"):
        assert ask(QUEUE, {"view": view}, user)["dispatchQueue"]["items"] == []
    assert ask(ONE, {"number": task.number}, user)["dispatchTask"] is None
    assert ask(CHOICES, {"number": task.number}, user)["dispatchChoices"] is None
    assert ask(BOARD, {}, user)["dispatchBoard"] == []
    for document, name, more in (
        (GRAB, "dispatchGrab", {}), (ACCEPT, "dispatchAccept", {}), (SEND, "dispatchSend", {}),
        (REFUSE, "dispatchRefuse", {"reason": "ADDRESS"}),
        (TRANSFER, "dispatchTransfer", {"reason": "ADDRESS", "unit": "B112"}),
    ):  # fmt: skip
        done = ask(document, {"number": task.number, **more}, user)[name]
        assert (done["task"], [one["code"] for one in done["errors"]]) == (None, ["NOT_FOUND"])
    done = ask(ASSIGN, {"numbers": [task.number], "person": "clerk"}, user)["dispatchAssign"]
    assert (done["given"], done["errors"][0]["code"]) == ([], "NOT_FOUND")
    assert DispatchTask.objects.values().get() == before


@pytest.mark.parametrize(
    ("document", "name", "more", "who"),
    [
        (GRAB, "dispatchGrab", {}, ("viewer",)),
        (ACCEPT, "dispatchAccept", {}, ("viewer", "courier", "manager")),
        (SEND, "dispatchSend", {}, ("viewer", "clerk", "manager")),
        (REFUSE, "dispatchRefuse", {"reason": "ADDRESS"}, ("viewer", "clerk")),
        (TRANSFER, "dispatchTransfer", {"reason": "ADDRESS", "unit": "B112"}, ("viewer", "clerk")),
    ],
)
def test_who_sees_it_but_may_not(
    shop: Shop, document: str, name: str, more: dict[str, str], who: tuple[str, ...]
) -> None:
    # given: nobody's, or (to be sent) the courier's
    shop.buy()
    task = shop.task()
    if name == "dispatchSend":
        grab(shop.who("courier"), task.pk)
    if name == "dispatchAccept":
        send(shop.who("manager"), task.pk, "B112", reason="no_hands")
    before = DispatchTask.objects.values().get()

    # then
    for one in who:
        done = ask(document, {"number": task.number, **more}, shop.people[one])[name]
        assert done["errors"][0]["code"] in ("PERMISSION_DENIED", "TAKEN"), one
    assert DispatchTask.objects.values().get() == before


def test_many_numbers_each_with_its_answer(shop: Shop) -> None:
    # given
    orders = [shop.buy(), shop.buy()]
    shop.send(orders[0])
    numbers = [shop.task(order).number for order in orders]

    # when
    done = ask(ASSIGN, {"numbers": numbers, "person": "courier"}, shop.people["manager"])["dispatchAssign"]

    # then
    assert done["errors"] == []
    assert [bool(one["problem"]) for one in done["given"]] == [True, False]
    assert shop.task(orders[1]).holder == shop.people["courier"]


def test_the_queue_costs_the_same_however_long_it_is(shop: Shop) -> None:
    # given
    shop.buy()
    county = again(shop.people["county"])
    ask(QUEUE, {"view": "OPEN"}, county)
    one = statements(lambda: ask(QUEUE, {"view": "OPEN"}, county))

    # when
    shop.map.answer = SECOND
    for _n in range(4):
        shop.buy()
    grab(shop.who("courier"), DispatchTask.objects.order_by("pk")[0].pk)
    five = statements(lambda: ask(QUEUE, {"view": "OPEN"}, county))

    # then, and page by page
    assert (five, one <= 10) == (one, True)
    first = ask(QUEUE, {"view": "OPEN", "first": 3}, county)["dispatchQueue"]
    rest = ask(QUEUE, {"view": "OPEN", "first": 3, "after": first["endCursor"]}, county)["dispatchQueue"]
    assert (len(first["items"]), len(rest["items"]), rest["endCursor"]) == (3, 2, None)
    only = ask(QUEUE, {"view": "OPEN", "unit": "b112"}, county)["dispatchQueue"]["items"]
    assert {one["unit"]["code"] for one in only} == {"B112"}


# -- the pages ----------------------------------------------------------------------------------


def test_the_page_of_a_task(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    courier, manager = browser(shop.people["courier"]), browser(shop.people["manager"])
    address = reverse(f"{PAGE}_change", args=[task.pk])

    # then: before it is in hand nothing of the person
    page = courier.get(address).content.decode()
    assert "抢单" in page
    assert "民族路***" in page
    assert "13800138000" not in page
    assert "18 号" not in page

    # when
    page = courier.post(address, {"act": "grab"}, follow=True).content.decode()
    assert "民族路 18 号" in page
    assert "tel:13800138000" in page
    assert "地图导航" in page
    assert "民族路 18 号" not in manager.get(address).content.decode()

    # when: refused without a reason, what was typed stays
    page = courier.post(address, {"act": "refuse", "text": "太重"}).content.decode()
    assert "请选择原因" in page
    assert "太重" in page
    assert shop.task().state == "taken"
    done = courier.post(address, {"act": "refuse", "reason": "too_big", "text": "太重"}, follow=True)
    assert "待支局长指派：超大超重，太重" in done.content.decode()

    # when: the manager gives it away, to nobody first
    page = manager.post(address, {"act": "assign", "person": ""}).content.decode()
    assert "没有这个可以办理派单的人员" in page
    manager.post(address, {"act": "assign", "person": "clerk"})
    assert shop.task().holder == shop.people["clerk"]

    # when: nonsense
    assert "请选择要执行的操作" in manager.post(address, {"act": "explode"}).content.decode()


def test_the_orders_page_leads_to_its_task(shop: Shop) -> None:
    # given
    order = shop.buy()
    desk = person(shop.org["C11"], "desk", ("order.view", "dispatch.view"))
    other = person(shop.org["C11"], "other", ("order.view",))
    address = reverse("admin:o2o_ordering_orderprofile_change", args=[order.pk])

    # then
    link = reverse(f"{PAGE}_change", args=[shop.task().pk])
    assert link in browser(desk).get(address).content.decode()
    assert link not in browser(other).get(address).content.decode()


def test_pages_keep_to_the_scope(shop: Shop) -> None:
    # given
    shop.buy()
    task = shop.task()
    address = reverse(f"{PAGE}_change", args=[task.pk])
    bulk = reverse(f"{PAGE}_assign") + f"?ids={task.pk}"

    # then
    stranger, viewer = browser(shop.people["stranger"]), browser(shop.people["viewer"])
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"act": "grab"}).status_code == 404
    assert stranger.get(bulk).status_code == 404
    assert viewer.get(address).status_code == 200
    assert viewer.post(address, {"act": "grab"}).status_code == 403
    assert viewer.get(bulk).status_code == 403
    assert viewer.get(reverse(f"{PAGE}_assign")).status_code == 404
    for name in ("changelist", "board", "report"):
        page = stranger.get(reverse(f"{PAGE}_{name}"))
        assert page.status_code == 200
        assert task.number not in page.content.decode()
        assert "大溪沟" not in page.content.decode()
    assert shop.task().state == "waiting"


def test_several_are_given_at_once(shop: Shop) -> None:
    # given
    orders = [shop.buy() for _n in range(3)]
    keys = [shop.task(order).pk for order in orders]
    manager = browser(shop.people["manager"])
    listed = reverse(f"{PAGE}_changelist")

    # when
    page = manager.post(listed, {"action": "assign_chosen", "_selected_action": keys}, follow=True)
    address = page.redirect_chain[-1][0]
    assert "大溪沟支局" in page.content.decode() or "甲县一支局" in page.content.decode()
    assert "请选择承办人" in manager.post(address, {}).content.decode()
    done = manager.post(address, {"person": "courier"}, follow=True).content.decode()

    # then
    assert "已指派 3 单" in done
    assert DispatchTask.objects.filter(holder=shop.people["courier"]).count() == 3

    # then: of two units at once, not; of none, not
    shop.map.answer = SECOND
    other = shop.task(shop.buy())
    county = browser(shop.people["county"])
    done = county.get(reverse(f"{PAGE}_assign") + f"?ids={keys[0]},{other.pk}", follow=True).content.decode()
    assert "请按机构分别指派" in done


def test_list_and_board_cost_the_same_however_many(shop: Shop) -> None:
    # given
    shop.buy()
    county = browser(shop.people["county"])
    pages = [
        reverse(f"{PAGE}_changelist") + "?turn=open",
        reverse(f"{PAGE}_board"),
        reverse(f"{PAGE}_report"),
    ]
    for page in pages:
        county.get(page)
    cache.clear()
    one = [statements(lambda page=page: county.get(page)) for page in pages]

    # when
    shop.map.answer = SECOND
    for _n in range(3):
        shop.buy()
    grab(shop.who("neighbour"), DispatchTask.objects.latest("pk").pk)
    cache.clear()
    four = [statements(lambda page=page: county.get(page)) for page in pages]

    # then
    assert four == one
    assert max(one) <= 18


def test_the_board_shows_what_is_late(shop: Shop) -> None:
    # given
    shop.buy()
    shop.let_time_pass(shop.task())

    # then
    page = browser(shop.people["county"]).get(reverse(f"{PAGE}_board")).content.decode()
    assert "大溪沟支局 超时 1" in page
    assert "o2o-dp-row-late" in page
    late = (
        browser(shop.people["county"])
        .get(reverse(f"{PAGE}_changelist") + "?turn=late&unit=C11")
        .content.decode()
    )
    assert shop.task().number in late
    assert "已超时" in late


def test_the_report_and_its_workbook(shop: Shop) -> None:
    # given: one taken and refused, one late
    orders = [shop.buy(), shop.buy()]
    task = shop.task(orders[0])
    grab(shop.who("courier"), task.pk)
    refuse(shop.who("courier"), task.pk, "too_big")
    shop.let_time_pass(shop.task(orders[1]))
    address = reverse(f"{PAGE}_report")

    # then
    page = browser(shop.people["county"]).get(address).content.decode()
    assert "50.0%" in page
    assert "超大超重" in page

    # then: taking it out is a right of its own, and written down
    assert browser(shop.people["manager"]).get(address + "?format=xlsx").status_code == 403
    answer = browser(shop.people["county"]).get(address + "?format=xlsx")
    rows = list(load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0].values)
    assert rows[2][:2] == ("大溪沟支局", 2)
    assert AuditEntry.objects.filter(action="backoffice.export.made").count() == 1


def test_the_list_is_taken_out_without_addresses(shop: Shop) -> None:
    # given
    shop.buy()
    address = reverse(f"{PAGE}_export")

    # then
    assert browser(shop.people["manager"]).post(address, {"format": "csv"}).status_code == 403
    answer = browser(shop.people["county"]).post(address, {"format": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert shop.task().number in text
    assert "民族路" not in text
    assert "13800138000" not in text


def test_rules_are_the_citys(shop: Shop) -> None:
    # given
    city, county = browser(shop.people["city"]), browser(shop.people["county"])
    address = reverse("admin:o2o_dispatch_clockrule_add")
    told = {
        "clock": "grab", "line": "goods", "minutes": "10", "in_hours": "on", "valid_from_0": "2026-01-01",
        "valid_from_1": "00:00:00", "note": "双十一",
    }  # fmt: skip

    # then
    assert county.get(address).status_code == 403
    assert city.post(address, {**told, "minutes": "0"}).status_code == 200
    assert ClockRule.objects.filter(note="双十一").count() == 0
    assert city.post(address, told).status_code == 302
    rule = ClockRule.objects.get(note="双十一")
    change = reverse("admin:o2o_dispatch_clockrule_change", args=[rule.pk])
    before = {"valid_to_0": "2025-01-01", "valid_to_1": "00:00:00", "note": "双十一"}
    assert "失效时间须晚于生效时间" in city.post(change, before).content.decode()
    assert AuditEntry.objects.filter(action="dispatch.rule_changed").count() == 1


def test_a_street_without_its_number() -> None:
    # then
    assert rough("中山四路 12 号") == "中山四路***"
    assert rough("民族路18号") == "民族路***"
    assert rough("解放碑步行街") == "解放碑***"
    assert rough("8 号") == "***"
    assert rough("") == "***"
