"""A submitter who leaves: his open requests come into other hands, so that none waits for somebody who is gone."""

from __future__ import annotations

import pytest

from plugins.approvals.errors import ApprovalError
from plugins.approvals.interfaces import approve, ask_supplement, supplement
from plugins.approvals.models import ApprovalAction, ApprovalRequest
from plugins.approvals.selectors import Tab, of_tab
from plugins.org_hierarchy.errors import OrgError
from plugins.org_hierarchy.models import HandedOver, Staff
from plugins.org_hierarchy.services.holdings import hand_over, holdings
from plugins.org_hierarchy.services.staffing import leave
from saleor_o2o.kernel.models import AuditEntry
from tests.orgs import person

from .conftest import Office

KIND = "approvals.request"


def test_a_request_sent_back_goes_on_with_the_successor(office: Office) -> None:
    # given: at the county, which wants to know more; the submitter leaves
    chief = person(office.units["C11"], "chief", ["staff.view", "staff.leave"])
    heir = person(office.units["B111"], "heir", ["org_unit.view"])
    request = office.submit()
    approve(request, office.branch)
    ask_supplement(request, office.county, "请附照片")
    clerk = office.clerk.o2o_staff
    with pytest.raises(OrgError) as caught:
        leave(chief, clerk, reason="辞职")
    assert "提交未办结的审批 1 项" in caught.value.message

    # when
    [held] = [one for one in holdings(clerk) if one.kind == KIND]
    assert (str(held.label), str(held.note)) == ("部门开设：票务", "待补充")
    stale = ApprovalRequest.objects.get()
    assert hand_over(chief, clerk, KIND, [held.key], heir.o2o_staff) == 1
    leave(chief, clerk, reason="辞职")

    # then: it is the heir's to answer, and whoever looks at an old page is told
    stored = ApprovalRequest.objects.get()
    assert (stored.submitter, stored.submitter_name, stored.version) == (heir, "heir", stale.version + 1)
    assert list(of_tab(heir, Tab.WAITING)) == [stored]
    with pytest.raises(ApprovalError) as changed:
        supplement(stale, heir, "照片")
    assert changed.value.code.value == "CHANGED_MEANWHILE"
    supplement(stored, heir, "已附")
    approve(stored, office.county)
    assert office.heard == [("approved", "票务")]
    line = ApprovalAction.objects.get(kind="hand_over")
    assert (line.actor, line.actor_name, line.note) == (chief, "chief", "由clerk移交heir")
    assert HandedOver.objects.get().label == "部门开设：票务"
    entry = AuditEntry.objects.get(action="approvals.handed_over")
    assert (entry.before, entry.after) == ({"submitter": "clerk"}, {"submitter": "heir"})


def test_nobody_becomes_the_submitter_of_what_he_decided(office: Office) -> None:
    # given
    chief = person(office.units["C11"], "chief", ["staff.view", "staff.leave"])
    request = office.submit()
    approve(request, office.branch)

    # when
    with pytest.raises(ApprovalError) as caught:
        hand_over(
            chief, office.clerk.o2o_staff, KIND, [str(request.pk)], Staff.objects.get(user=office.branch)
        )

    # then
    assert (caught.value.code.value, caught.value.field) == ("SAME_PERSON", "successor")
    assert ApprovalRequest.objects.get().submitter == office.clerk
    assert not HandedOver.objects.exists()


def test_what_is_over_is_in_nobodys_hands(office: Office) -> None:
    # given
    request = office.submit()
    approve(request, office.branch)
    approve(request, office.county)

    # then
    assert [one for one in holdings(office.clerk.o2o_staff) if one.kind == KIND] == []
