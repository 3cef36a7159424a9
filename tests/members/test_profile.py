"""What a member says of himself, and who looks after him for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from plugins.members.kinds import HomeBasis
from plugins.members.models import Member, MemberProfile
from plugins.members.services.homes import choose_home
from plugins.members.services.merging import merge_proven
from plugins.members.services.profiles import edit_profile
from plugins.members.services.signing_in import sign_in
from plugins.members.services.status import change_home
from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.service_map.interfaces import Community
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry
from sandbox.client import SandboxClient
from tests.orgs import person

from .asking import ERRORS, MOBILE, OTHER, ask, codes_of, enter, phone, somebody
from .test_pages import browser

pytestmark = pytest.mark.django_db

PROFILE = """profile { gender birthday communityId communityName building homeBasis channel referrer marketing
  marketingAt }"""
MINE = f"{{ myMember {{ number name homeUnitCode {PROFILE} }} }}"
UPDATE = f"""mutation($input: MemberProfileInput!) {{ memberProfileUpdate(input: $input) {{
  member {{ name homeUnitCode {PROFILE} }} {ERRORS} }} }}"""
HOME = f"""mutation($code: String!) {{ memberHomeSet(unitCode: $code) {{
  member {{ homeUnitCode profile {{ homeBasis }} }} {ERRORS} }} }}"""


def estate(unit: OrgUnit, name: str = "示例花园") -> Community:
    """A community that a branch serves."""
    return Community.objects.create(
        name=name,
        unit=unit,
        lng=106.57,
        lat=29.56,
        source_lng=106.57,
        source_lat=29.56,
        search_text=f" {name} ",
        geohash="wm5z",
    )  # fmt: skip


def token_of(member: Member) -> str:
    return sign_in(member, phone()).token


def test_a_member_writes_what_he_wants_known(org: dict[str, OrgUnit]) -> None:
    # given
    member, garden = somebody(name="王建国"), estate(org["B111"])
    token = token_of(member)
    assert ask(MINE, token=token)["profile"]["gender"] == "UNKNOWN"

    # when
    told = {
        "name": "王建国😀", "gender": "MALE", "birthday": "1980-02-29", "communityId": str(garden.pk),
        "building": "3 栋 2 单元 501", "marketing": True,
    }  # fmt: skip
    done = ask(UPDATE, {"input": told}, token)
    again = ask(UPDATE, {"input": told}, token)

    # then
    assert done["errors"] == again["errors"] == []
    assert (done["member"]["name"], done["member"]["homeUnitCode"]) == ("王建国😀", "B111")
    profile = done["member"]["profile"]
    assert profile.pop("marketingAt")
    assert profile == {
        "gender": "MALE", "birthday": "1980-02-29", "communityId": str(garden.pk), "communityName": "示例花园",
        "building": "3 栋 2 单元 501", "homeBasis": "ADDRESS", "channel": "", "referrer": None, "marketing": True,
    }  # fmt: skip
    lines = AuditEntry.objects.filter(action="members.profile_edited")
    assert [one.after["changed"] for one in lines] == [["姓名", "性别", "生日", "楼栋", "营销信息", "小区"]]
    # and what is left out stays
    ask(UPDATE, {"input": {"gender": "FEMALE"}}, token)
    assert MemberProfile.objects.get().building == "3 栋 2 单元 501"
    # and the building lies encrypted
    assert "单元" not in str(MemberProfile.objects.extra(select={"raw": "building"}).values("raw"))


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"birthday": "2999-01-01"}, "BIRTHDAY_INVALID", "birthday"),
        ({"birthday": "1850-01-01"}, "BIRTHDAY_INVALID", "birthday"),
        ({"communityId": "999999"}, "NOT_FOUND", "communityId"),
        ({"communityId": "x'; --"}, "NOT_FOUND", "communityId"),
        ({"name": " \u0000 "}, "REQUIRED", "name"),
        ({"referrer": "M2600000009"}, "NOT_FOUND", "referrer"),
        ({"referrer": "nonsense"}, "NOT_FOUND", "referrer"),
    ],
)
def test_what_cannot_be_changes_nothing(told: dict[str, Any], code: str, field: str) -> None:
    # given
    member = somebody(name="王建国")

    # when
    answer = ask(UPDATE, {"input": {"gender": "MALE", **told}}, token_of(member))

    # then: nothing of it, not even what was right
    assert codes_of(answer) == [code] and answer["errors"][0]["field"] == field
    assert not MemberProfile.objects.exists()


def test_nobody_and_the_staff_have_no_profile(org: dict[str, OrgUnit]) -> None:
    # then
    assert codes_of(ask(UPDATE, {"input": {"gender": "MALE"}})) == ["SIGN_IN_REQUIRED"]
    assert codes_of(ask(HOME, {"code": "B111"})) == ["SIGN_IN_REQUIRED"]


def test_a_community_the_dictionary_lacks_is_kept_as_typed(org: dict[str, OrgUnit]) -> None:
    # given
    member = somebody()
    estate(org["B111"])

    # when
    edit_profile(member, {"community_name": "  没有的 小区 "})

    # then
    profile = MemberProfile.objects.get()
    assert (profile.community, profile.community_name) == (None, "没有的 小区")
    # and by its name it is found, and cleared by nothing
    edit_profile(member, {"community_name": "示例花园"})
    assert MemberProfile.objects.get().community is not None
    edit_profile(member, {"community_name": ""})
    assert MemberProfile.objects.get().community is None


def test_where_one_lives_never_overrules_what_somebody_decided(org: dict[str, OrgUnit]) -> None:
    # given
    member = somebody()
    one, two = estate(org["B111"]), estate(org["B121"], "另一花园")
    home = lambda: Member.objects.values_list("home_unit__code", "profile__home_basis").get()  # noqa: E731

    # when, then: it follows the community
    edit_profile(member, {"community_id": str(one.pk)})
    assert home() == ("B111", HomeBasis.ADDRESS)
    edit_profile(member, {"community_id": str(two.pk)})
    assert home() == ("B121", HomeBasis.ADDRESS)
    # chosen
    choose_home(member, "o1112")
    edit_profile(member, {"community_id": str(one.pk)})
    assert home() == ("O1112", HomeBasis.CHOSEN)
    # back to where he lives
    choose_home(member, "")
    assert home() == ("B111", HomeBasis.ADDRESS)
    # the staff's word
    change_home(
        person(org["CQ"], "head", ["member.view", "member.edit", "org_unit.view"]), member, org["B112"]
    )
    edit_profile(member, {"community_id": str(two.pk)})
    assert home() == ("B112", HomeBasis.STAFF)


def test_only_open_branches_and_outlets_are_chosen(org: dict[str, OrgUnit]) -> None:
    # given
    token = token_of(somebody())
    OrgUnit.objects.filter(code="O1112").update(effective_from=today() + timedelta(days=3))

    # then
    for code in ("C11", "CQ", "O1112", "nowhere", "' OR 1=1"):
        assert codes_of(ask(HOME, {"code": code}, token)) == ["NOT_FOUND"], code
    done = ask(HOME, {"code": "O1111"}, token)
    assert done["member"] == {"homeUnitCode": "O1111", "profile": {"homeBasis": "CHOSEN"}}


def test_who_sent_somebody_is_told_once(sms: SandboxClient) -> None:
    # given: one who registers through a friend's link
    friend, stranger = somebody(OTHER), somebody("13900003333")
    token = enter(sms, referrer=friend.number, channel="K7W3NQ9X")["token"]

    # then
    assert ask(MINE, token=token)["profile"]["referrer"] == friend.number
    assert ask(MINE, token=token)["profile"]["channel"] == "K7W3NQ9X"
    other = ask(UPDATE, {"input": {"referrer": stranger.number}}, token)
    assert codes_of(other) == ["INVALID"]
    assert ask(UPDATE, {"input": {"referrer": friend.number}}, token)["errors"] == []
    # nor each other, nor oneself, nor late
    mine = Member.objects.exclude(pk__in=(friend.pk, stranger.pk)).get()
    for who, number in ((friend, mine.number), (stranger, stranger.number)):
        assert codes_of(ask(UPDATE, {"input": {"referrer": number}}, token_of(who)))[0] in (
            "INVALID",
            "NOT_FOUND",
        )
    Member.objects.filter(pk=stranger.pk).update(registered_at=now() - timedelta(days=31))
    assert codes_of(ask(UPDATE, {"input": {"referrer": friend.number}}, token_of(stranger))) == ["INVALID"]


def test_a_wrong_referrer_keeps_nobody_from_registering(sms: SandboxClient) -> None:
    # when
    done = enter(sms, referrer="M2600000009")

    # then
    assert done["errors"] == [] and done["created"] is True


def test_a_merge_fills_what_was_not_said(org: dict[str, OrgUnit]) -> None:
    # given
    kept, absorbed, friend = somebody(), somebody(OTHER), somebody("13900003333")
    edit_profile(kept, {"gender": "male"})
    edit_profile(
        absorbed, {"gender": "female", "building": "1 栋", "marketing": True, "referrer": kept.number}
    )
    edit_profile(friend, {"referrer": absorbed.number})

    # when
    merge_proven(kept, absorbed, "同一个人")

    # then
    profile = MemberProfile.objects.get(pk=kept.pk)
    assert (profile.gender, profile.building, profile.marketing, profile.referrer) == (
        "male",
        "1 栋",
        True,
        None,
    )
    assert MemberProfile.objects.get(pk=friend.pk).referrer == kept


WHO = {
    "in_reach": ("B111", ["member.view", "member.edit"], 302),
    "manager": ("CQ", ["member.view", "member.edit"], 302),
    "looks_only": ("B111", ["member.view"], 403),
    "next_door": ("B112", ["member.view", "member.edit"], 404),
}


@pytest.mark.parametrize("who", WHO)
def test_who_of_the_staff_may_write(org: dict[str, OrgUnit], who: str) -> None:
    # given
    member = somebody(name="王建国", home_unit=org["B111"])
    edit_profile(member, {"building": "3 栋", "birthday": today().replace(year=1980)})
    code, permissions, expected = WHO[who]
    client = browser(person(org[code], who, permissions))
    address = reverse("admin:o2o_members_member_profile", args=[member.pk])
    told = {"gender": "female", "community_name": "示例花园", "do": "1"}

    # when
    response = client.post(address, told)

    # then
    assert response.status_code == expected
    done = expected == 302
    profile = MemberProfile.objects.get()
    assert (profile.gender, profile.community_name) == (("female", "示例花园") if done else ("unknown", ""))
    assert profile.building == "3 栋" and profile.birthday is not None  # left empty: not touched
    if done:
        shown = client.get(reverse("admin:o2o_members_member_change", args=[member.pk])).content.decode()
        assert "示例花园 ***" in shown and "女" in shown and "3 栋" not in shown and "1980" not in shown
        assert MOBILE not in shown and "王建国" not in client.get(address).content.decode()


def test_the_staff_write_in_reach_only(org: dict[str, OrgUnit]) -> None:
    # given
    member = somebody(home_unit=org["B111"])
    clerk = person(org["B112"], "clerk", ["member.view", "member.edit"])

    # then
    with pytest.raises(DomainError, match="记录不存在"):
        edit_profile(member, {"gender": "male"}, by=clerk)
    assert not MemberProfile.objects.exists()
