"""The keys of codes for the gate: a new one signs at once, what the former one signed opens it for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.coach.access import KEYS, VIEW
from plugins.ticketing.coach.choices import GateAnswer as A
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import GateKey
from plugins.ticketing.coach.services.gate import check_in
from plugins.ticketing.coach.services.gate_keys import code_of, keys_in_force, number_in, renew
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed

from ...orgs import again, person
from .conftest import World
from .networks import MORNING
from .test_gate import BOARDING, guard, ticket

__all__ = ["guard", "ticket"]


@pytest.fixture
def chief(world: World) -> User:
    return again(person(world.org["CQ"], "chief", [KEYS, VIEW]))


@pytest.mark.parametrize(("days", "answer"), [(1, A.PASSED), (0, A.NOT_FOUND)])
def test_what_the_former_key_signed_opens_the_gate_for_so_many_days(
    world: World, guard: User, ticket: Ticket, chief: User, days: int, answer: A
) -> None:
    # given: a pass that was kept on a telephone, and a new key the day before the journey
    kept = code_of(ticket.number)
    with frozen(MORNING):
        renew(chief, "每年更换", days=days)

    # then: what is shown from now on is another code
    shown = code_of(ticket.number)
    assert shown != kept and number_in(shown) == ticket.number

    # when / then: on the day of travel, half an hour before
    with frozen(BOARDING):
        assert check_in(guard, world.station("CQ-LTS"), kept).answer == answer
        assert check_in(guard, world.station("CQ-LTS"), shown).answer == (A.ALREADY if days else A.PASSED)


def test_the_overlap_ends_to_the_second_and_a_chain_of_keys_by_the_shortest(
    world: World, ticket: Ticket, chief: User
) -> None:
    # given: the platform's own key, one for a week, one because that got out
    codes = [code_of(ticket.number)]
    for days in (7, 2):
        renew(chief, "更换密钥", days=days)
        codes.append(code_of(ticket.number))

    def good(after: timedelta) -> list[bool]:
        with frozen(MORNING + after):
            return [number_in(code) == ticket.number for code in codes]

    # then
    assert good(timedelta(days=2) - timedelta(seconds=1)) == [True, True, True]
    # what the newest key ended is over, also what an earlier one would have let in for longer
    assert good(timedelta(days=2)) == [False, False, True]
    with frozen(MORNING + timedelta(days=400)):
        assert len(keys_in_force()) == 1


def test_the_page_shows_no_secret_and_who_may_not(world: World, chief: User, guard: User) -> None:
    # given
    client = Client()
    client.force_login(chief)
    page = reverse("admin:o2o_coach_gatekey_renew")
    assert "继续有效" in client.get(page).content.decode()

    # when
    assert client.post(page, {"reason": "员工离职", "days": "61"}).status_code == 200
    assert not GateKey.objects.exists()
    done = client.post(page, {"reason": "员工离职", "days": "15"})

    # then
    row = GateKey.objects.get()
    assert (done.status_code, row.before_until) == (302, MORNING + timedelta(days=15))
    pages = [
        reverse("admin:o2o_coach_gatekey_changelist"),
        reverse("admin:o2o_coach_gatekey_change", args=[row.pk]),
    ]
    for one in pages:
        shown = client.get(one).content.decode()
        assert "员工离职" in shown and row.secret not in shown
    assert row.secret not in str(list(AuditEntry.objects.filter(action="coach.gate_key_renewed").values()))
    # and a branch's own people are not the city's
    own = again(person(world.org["B111"], "own", [KEYS, VIEW]))
    for who in (own, guard):
        with pytest.raises(NotAllowed):
            renew(who, "更换密钥")
    stranger = Client()
    stranger.force_login(own)
    assert stranger.post(page, {"reason": "更换密钥", "days": "1"}).status_code == 403
    with pytest.raises(CoachError):
        renew(chief, " ")
    assert GateKey.objects.count() == 1
