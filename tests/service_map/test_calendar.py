"""The calendar of holidays: read from a notice, kept for the whole city, known to "open now"."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plugins.org_hierarchy.interfaces import check_hours, show_hours
from plugins.org_hierarchy.models import DataScope
from plugins.service_map.errors import MapError
from plugins.service_map.hours import opening_at
from plugins.service_map.kinds import DayKind, PlaceKind
from plugins.service_map.models import CalendarDay, Place
from plugins.service_map.nearest import nearest
from plugins.service_map.seeds_calendar import NOTICE_2026, seed
from plugins.service_map.services.calendar import BY_LAW, read_notice, write_days
from plugins.service_map.todo import todo
from saleor_o2o.kernel.clock import SHANGHAI, frozen
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.seeding.context import SeedContext

from ..orgs import again, person
from .map_support import CENTRE, mapped_org, poi

#: Closed on Saturday and Sunday, but for what a place says itself of holidays.
OFFICE = {str(day): [["08:30", "17:30"]] for day in range(1, 6)}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def calendar(*lines: str) -> dict[date, str]:
    return {day: kind for day, (kind, _name) in read_notice("\n".join(lines)).items()}


def test_the_statutory_calendar_of_2026_is_the_councils() -> None:
    # when
    days = read_notice(NOTICE_2026)

    # then: 33 days off (3+9+3+5+3+3+7), six weekend days worked
    kinds = [kind for kind, _name in days.values()]
    assert (kinds.count("holiday"), kinds.count("workday")) == (33, 6)
    assert days[date(2026, 2, 17)] == ("holiday", "春节")
    assert days[date(2026, 10, 10)] == ("workday", "国庆节")
    assert date(2026, 10, 8) not in days


@pytest.mark.parametrize(
    ("hours", "moment", "text"),
    [
        # an office: closed on the holiday like on a Sunday, open on the Saturday that is worked
        (OFFICE, "2026-10-01 10:00", "已休息，10-08 08:30 营业"),
        (OFFICE, "2026-10-08 10:00", "营业中，17:30 关门"),
        (OFFICE, "2026-10-10 10:00", "营业中，17:30 关门"),
        (OFFICE, "2026-10-11 10:00", "已休息，明天 08:30 营业"),
        # its own words for holidays and for days worked instead go before that
        ({**OFFICE, "holiday": [["09:00", "12:00"]]}, "2026-10-01 10:00", "营业中，12:00 关门"),
        ({**OFFICE, "workday": []}, "2026-10-10 10:00", "已休息，周一 08:30 营业"),
        # and one day's exception before everything
        ({**OFFICE, "dates": {"2026-10-02": [["10:00", "11:00"]]}}, "2026-10-02 10:30", "营业中，11:00 关门"),
        # a museum closed on Mondays is open on the Monday of a holiday
        ({"7": [["09:00", "17:00"]], "6": [["09:00", "17:00"]]}, "2026-10-05 10:00", "营业中，17:00 关门"),
    ],
)
def test_what_a_visitor_reads_on_special_days(hours: Any, moment: str, text: str) -> None:
    # then
    days = calendar("国庆节 2026-10-01至2026-10-07 放假", "国庆节 2026-10-10 上班")
    assert opening_at(hours, at(moment), days).text == text


def test_hours_are_written_in_one_line() -> None:
    # when
    hours = check_hours("周一至周五 08:30-17:30；节假日 休息；调休上班日 09:00-16:00；2026-10-01 10:00-11:00")

    # then
    assert hours["holiday"] == []
    assert hours["workday"] == [["09:00", "16:00"]]
    assert show_hours(hours) == (
        "周一至周五 08:30-17:30；节假日 休息；调休上班日 09:00-16:00；2026-10-01 10:00-11:00"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "请填写节假日安排"),
        ("国庆节放假", "第 1 行：没有日期"),
        ("国庆节 2026-10-01", "第 1 行：请在日期后写“放假”或“上班”"),
        ("国庆节 2026-10-01 放假\n2026-10-02 放假", "第 2 行：请先写节日名称"),
        ("国庆节 2026-02-30 放假", "第 1 行：“2026-02-30”不是日期"),
        ("国庆节 2026-10-07至2026-10-01 放假", "第 1 行：起止日期不对，一行最长 31 天"),
        ("国庆节 2026-10-01至2027-10-07 放假", "第 1 行：起止日期不对，一行最长 31 天"),
        ("国庆节 2026-10-08 上班", "第 1 行：调休上班的日子应是周六或周日"),
        ("国庆节 2026-10-01 放假\n中秋节 2026-10-01 放假", "第 2 行：2026-10-01 写了两次"),
    ],
)
def test_a_notice_that_cannot_be_read_says_which_line(text: str, words: str) -> None:
    # when
    with pytest.raises(MapError) as refusal:
        read_notice(text)

    # then
    assert refusal.value.message == words


@pytest.mark.django_db
def test_open_now_knows_the_holiday_in_one_statement() -> None:
    # given: an office and a shop that says it is open on holidays
    org = mapped_org()
    Place.objects.all().delete()
    poi(org["B111"], "办公点", *CENTRE, hours=OFFICE)
    poi(org["B111"], "便利店", *CENTRE, hours={**OFFICE, "holiday": [["08:00", "22:00"]]})
    write_days(read_notice("国庆节 2026-10-01至2026-10-07 放假\n国庆节 2026-10-10 上班"))

    def names(moment: str, open_now: bool = True) -> list[str]:
        found = nearest(*CENTRE, kinds=[PlaceKind.STATION], open_now=open_now, at=at(moment))
        return sorted(one.place.name for one in found)

    # when
    with CaptureQueriesContext(connection) as queries:
        holiday = names("2026-10-01 10:00")

    # then
    assert holiday == ["便利店"]
    assert len(queries) == 1
    assert names("2026-10-01 10:00", open_now=False) == ["便利店", "办公点"]
    assert names("2026-10-08 10:00") == ["便利店", "办公点"]
    assert names("2026-10-10 10:00") == ["便利店", "办公点"]
    assert names("2026-10-17 10:00") == []


@pytest.mark.django_db
def test_seeding_leaves_what_people_entered() -> None:
    # given
    context = SeedContext(say=lambda _text: None)
    seed(context)
    write_days(read_notice("元旦 2027-01-02至2027-01-03 放假"), source="国务院办公厅通知")

    # when
    again_ = SeedContext(say=lambda _text: None)
    seed(again_)

    # then
    assert context.created == {"节假日": 52}
    assert again_.created == {}
    assert CalendarDay.objects.filter(day__year=2027, source="国务院办公厅通知").count() == 2


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_service_map_calendarday_{name}", args=args)


def login(user: Any) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "sees", "changes"),
    [("anonymous", 302, 302), ("stranger", 403, 403), ("county", 200, 403), ("city", 200, 200)],
)
def test_who_keeps_the_calendar(who: str, sees: int, changes: int) -> None:
    # given: the county's clerk has the permission too, but not over the whole city
    org = mapped_org()
    write_days(read_notice("国庆节 2026-10-01 放假"))
    rights = {
        "stranger": ["order.view"],
        "county": ["map.view", "map.calendar"],
        "city": ["map.view", "map.calendar"],
    }
    place, reach = ("CQ", DataScope.ALL) if who == "city" else ("C11", DataScope.UNIT_AND_BELOW)
    client = Client() if who == "anonymous" else login(person(org[place], who, rights[who], scope=reach))
    notice = {"notice": "元旦 2027-01-01至2027-01-03 放假", "source": "通知"}

    # when
    shown = client.get(page("changelist")).status_code
    preview = client.post(page("notice"), notice)
    client.post(page("notice"), {**notice, "save": "1"})
    client.post(page("ordinary", "2026-10-01"))

    # then
    assert (shown, preview.status_code) == (sees, changes)
    days = {str(day) for day in CalendarDay.objects.values_list("day", flat=True)}
    expected = {"2027-01-01", "2027-01-02", "2027-01-03"} if changes == 200 else {"2026-10-01"}
    assert days == expected
    changed = AuditEntry.objects.filter(action="service_map.calendar.changed").count()
    assert changed == (3 if changes == 200 else 1)


@pytest.mark.django_db
def test_services_ask_who_it_is_too() -> None:
    # given
    org = mapped_org()
    clerk = person(org["C11"], "clerk", ["map.view", "map.calendar"])

    # then
    with pytest.raises(NotAllowed):
        write_days({date(2026, 10, 1): (DayKind.HOLIDAY, "国庆节")}, by=again(clerk))
    assert not CalendarDay.objects.exists()


@pytest.mark.django_db
def test_a_wrong_notice_keeps_what_was_typed() -> None:
    # given
    city = login(person(mapped_org()["CQ"], "city", ["map.view", "map.calendar"], scope=DataScope.ALL))

    # when
    answer = city.post(page("notice"), {"notice": "元旦 放假", "source": "某通知", "save": "1"})

    # then
    text = answer.content.decode()
    assert "第 1 行：没有日期" in text
    assert "元旦 放假" in text and "某通知" in text
    assert not CalendarDay.objects.exists()


@pytest.mark.django_db
def test_the_list_of_places_reads_the_calendar_once() -> None:
    # given
    org = mapped_org()
    clerk = login(person(org["C11"], "clerk", ["map.view", "org_unit.view"]))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert clerk.get(reverse("admin:o2o_service_map_place_changelist")).status_code == 200
        return len(queries)

    # when
    count()
    few = count()
    for number in range(20):
        poi(org["B111"], f"车站 {number}", *CENTRE, hours=OFFICE)

    # then
    assert count() == few


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-10-31", []), ("2026-11-01", ["录入 2027 年放假安排"]), ("2027-01-15", ["录入 2027 年放假安排"]),
        ("2027-11-02", ["录入 2028 年放假安排"]),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_the_keeper_is_told_of_the_notice_to_come(day: str, told: list[str]) -> None:
    # given: a notice for 2026, the bare law for 2027
    org = mapped_org()
    with frozen(at("2026-01-01T09:00:00")):  # grants count from the day they are given on
        keeper = person(org["CQ"], "keeper", ["map.view", "map.calendar"], scope=DataScope.ALL)
        county = person(org["C11"], "county", ["map.view", "map.calendar"])
    write_days(read_notice("元旦 2026-01-01 放假"), source="国务院办公厅通知")
    write_days(read_notice("元旦 2027-01-01 放假"), source=f"{BY_LAW}；调休以国务院通知为准")

    # when / then
    with frozen(at(f"{day}T09:00:00")):
        assert [one.title for one in todo(again(keeper))] == told
        assert todo(again(county)) == []


@pytest.mark.django_db
def test_a_notice_that_is_entered_waits_no_more() -> None:
    # given
    org = mapped_org()
    with frozen(at("2026-01-01T09:00:00")):
        keeper = person(org["CQ"], "keeper", ["map.view", "map.calendar"], scope=DataScope.ALL)

    # when
    write_days(read_notice("元旦 2027-01-01至2027-01-03 放假"), source="国务院办公厅通知", by=keeper)

    # then
    with frozen(at("2026-11-28T09:00:00")):
        assert todo(again(keeper)) == []
