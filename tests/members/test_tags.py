"""Tags: words of units, put on members by whoever may edit both."""

from __future__ import annotations

import pytest
from django.urls import reverse

from plugins.members.models import Member, MemberTag, Tag
from plugins.members.services import tagging
from plugins.members.services.merging import merge_proven
from plugins.members.services.tagging import make_tag, set_tags, usable_tags
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry
from tests.orgs import person

from .asking import OTHER, somebody
from .test_pages import LIST, browser, page

pytestmark = pytest.mark.django_db

MAY = ["member.view", "member.edit", "org_unit.view"]


def test_words_of_one_s_own_units_and_of_those_above(org: dict[str, OrgUnit]) -> None:
    # given
    head, clerk = person(org["CQ"], "head", MAY), person(org["B111"], "clerk", MAY)
    whole, own = make_tag(head, org["CQ"], "高价值"), make_tag(clerk, org["B111"], "  常客 ")
    other = make_tag(head, org["B121"], "乙县的")

    # then
    assert set(usable_tags(clerk)) == {whole, own} and set(usable_tags(head)) == {whole, own, other}
    assert make_tag(clerk, org["B111"], "常客") == own and own.name == "常客"
    with pytest.raises(DomainError):
        make_tag(clerk, org["B112"], "别处")
    with pytest.raises(DomainError, match="请填写标签"):
        make_tag(clerk, org["B111"], " ")


def test_tags_beyond_one_s_reach_stay(org: dict[str, OrgUnit]) -> None:
    # given: a tag of the county next door on the member
    head, clerk = person(org["CQ"], "head", MAY), person(org["B111"], "clerk", MAY)
    member = somebody(home_unit=org["B111"])
    own, other = make_tag(clerk, org["B111"], "常客"), make_tag(head, org["B121"], "乙县的")
    set_tags(head, member, [other])

    # when
    assert set_tags(clerk, member, [own]) is True and set_tags(clerk, member, [own]) is False
    with pytest.raises(DomainError):
        set_tags(clerk, member, [own, other])
    set_tags(clerk, member, [])

    # then
    assert [one.tag for one in MemberTag.objects.all()] == [other]
    assert AuditEntry.objects.filter(action="members.tagged").count() == 3


def test_no_more_than_say_something(org: dict[str, OrgUnit], monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    clerk = person(org["B111"], "clerk", MAY)
    monkeypatch.setattr(tagging, "MOST", 1)
    tags = [make_tag(clerk, org["B111"], name) for name in ("一", "二")]

    # then
    with pytest.raises(DomainError, match="最多 1 个"):
        set_tags(clerk, somebody(home_unit=org["B111"]), tags)
    assert not MemberTag.objects.exists()


WHO = {
    "in_reach": ("B111", MAY, 302),
    "manager": ("CQ", MAY, 302),
    "looks_only": ("B111", ["member.view"], 403),
    "next_door": ("B112", MAY, 404),
}


@pytest.mark.parametrize("who", WHO)
def test_who_may_put_them_on(org: dict[str, OrgUnit], who: str) -> None:
    # given
    member = somebody(home_unit=org["B111"])
    code, permissions, expected = WHO[who]
    client = browser(person(org[code], who, permissions))

    # when
    response = client.post(page(member, "tags"), {"new": "常客", "do": "1"})

    # then
    assert response.status_code == expected
    assert MemberTag.objects.count() == Tag.objects.count() == (1 if expected == 302 else 0)
    if expected == 302:
        tag = Tag.objects.get()
        assert tag.unit == org[code]
        listed = client.get(LIST, {"tag": str(tag.pk)}).content.decode()
        assert member.number in listed and "常客" in listed
        for odd in ("0", "x", "9" * 30):
            assert client.get(LIST, {"tag": odd}).status_code == 200
        changed = reverse("admin:o2o_members_tag_change", args=[tag.pk])
        assert client.post(changed, {"unit": tag.unit_id, "name": "熟客", "note": ""}).status_code == 302
        assert Tag.objects.get().name == "熟客" and not Tag.objects.get().is_active


def test_a_tag_of_above_is_seen_and_not_changed(org: dict[str, OrgUnit]) -> None:
    # given
    tag = make_tag(person(org["CQ"], "head", MAY), org["CQ"], "高价值")
    client = browser(person(org["B111"], "clerk", MAY))
    address = reverse("admin:o2o_members_tag_change", args=[tag.pk])

    # then
    assert client.get(address).status_code == 200
    assert client.post(address, {"unit": org["B111"].pk, "name": "改名", "note": ""}).status_code == 403
    assert Tag.objects.get().name == "高价值"


def test_a_merge_brings_tags_along(org: dict[str, OrgUnit]) -> None:
    # given
    clerk = person(org["C11"], "clerk", MAY)
    kept, absorbed = somebody(home_unit=org["B111"]), somebody(OTHER, home_unit=org["B111"])
    both, one = make_tag(clerk, org["C11"], "常客"), make_tag(clerk, org["C11"], "车主")
    set_tags(clerk, kept, [both])
    set_tags(clerk, absorbed, [both, one])

    # when
    merge_proven(kept, absorbed, "同一个人")

    # then
    assert {row.tag.name for row in Member.objects.get(pk=kept.pk).tags.all()} == {"常客", "车主"}
    assert MemberTag.objects.count() == 2
