"""Priority support: whoever's plan promises it stands first among those who wait in the account's talks."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db.models import F
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.members.models import Member
from plugins.memberships.models import Membership, Plan, PlanBenefit
from plugins.official_account.models import Account, Fan, openid_index
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import now
from tests.orgs import again, person


def waits(account: Account, name: str, minutes: int, user: User | None = None) -> Fan:
    """A follower who wrote so many minutes ago and has no answer."""
    openid, moment = f"openid-of-somebody-000{name}", now() - timedelta(minutes=minutes)
    return Fan.objects.create(
        account=account, openid=openid, openid_index=openid_index(openid), user=user,
        is_following=True, said_at=moment, waiting_since=moment,
    )  # fmt: skip


def test_promised_members_are_answered_first(member: Member, plans: dict[str, Plan]) -> None:
    # given: three wait; the member wrote last
    city = OrgUnit.objects.get(parent__isnull=True)
    clerk = again(person(city, "talker", ("wechat_talk.view", "wechat_talk.answer")))
    account = Account.objects.create(code="city", name="渝邮生活", appid="wx1", unit=city)
    waits(account, "AAA1", 30)
    waits(account, "BBB2", 20)
    waits(account, "CCC3", 10, member.user)
    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")

    def order() -> tuple[list[str], bool]:
        page = client.get(
            reverse("admin:o2o_official_account_talk_changelist"), {"waiting": "yes"}
        ).content.decode()
        return re.findall(r"••(\w{4})</a>", page), ">优先<" in re.sub(r"\s", "", page)

    assert order() == (["AAA1", "BBB2", "CCC3"], False)

    # when: a membership runs whose plan promises it
    begins = now() - timedelta(days=1)
    membership = Membership.objects.create(
        number="M1",
        member=member,
        plan=plans["year"],
        kind="paid",
        starts_at=begins,
        ends_at=now() + timedelta(days=30),
    )
    assert order() == (["AAA1", "BBB2", "CCC3"], False)
    benefit = PlanBenefit.objects.create(plan=plans["year"], kind="support", code="support", name="优先客服")

    # then
    assert order() == (["CCC3", "AAA1", "BBB2"], True)

    # when: the promise or the membership is over
    PlanBenefit.objects.filter(pk=benefit.pk).update(
        valid_from=F("valid_from") - timedelta(days=9), valid_to=now()
    )
    assert order() == (["AAA1", "BBB2", "CCC3"], False)
    PlanBenefit.objects.filter(pk=benefit.pk).update(valid_to=None)
    Membership.objects.filter(pk=membership.pk).update(ends_at=F("starts_at"))
    assert order() == (["AAA1", "BBB2", "CCC3"], False)
