"""安全验证: a puzzle is signed, for one product, for a while, and good once; who is not asked for one."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from altcha import Challenge, Payload, create_challenge, solve_challenge
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st
from saleor.account.models import User

from plugins.ticketing.admission.errors import AdmissionError
from plugins.ticketing.admission.models import AdmissionProduct
from plugins.ticketing.admission.services import proofs, queueing
from plugins.ticketing.admission.services.proofs import check_proof, puzzle_for
from plugins.ticketing.admission.services.selling import hold_admission
from plugins.ticketing.admission.services.wishing import Ask, TicketAsk
from saleor_o2o.kernel.clock import frozen, now
from tests.scope.graphql import asked

from .conftest import Show

PUZZLE = "query($p: String!, $s: ID) { admissionProof(product: $p, session: $s) { challenge } }"
JOIN = """mutation($p: String!, $proof: String) { admissionQueueJoin(product: $p, proof: $proof) {
  queue { number } errors { code message } } }"""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puzzles that are solved at once, and none that is known already."""
    monkeypatch.setattr(proofs, "HIGHEST", 8)
    monkeypatch.setattr(proofs, "COST", 5)
    cache.clear()


def answer(
    puzzle: str, parameters: dict[str, Any] | None = None, solution: dict[str, Any] | None = None
) -> str:
    """The solved puzzle as it is told, with something changed."""
    challenge = Challenge.from_dict(json.loads(puzzle))
    found = solve_challenge(challenge)
    assert found is not None
    told = Payload(challenge, found).to_dict()
    told["challenge"]["parameters"] |= parameters or {}
    told["solution"] |= solution or {}
    return base64.b64encode(json.dumps(told).encode()).decode()


def hot() -> AdmissionProduct:
    return AdmissionProduct(code="hot", proof_needed=True)


def words(act: Any) -> str:
    with pytest.raises(AdmissionError) as refused:
        act()
    assert refused.value.code.value == "PROOF_NEEDED"
    return str(refused.value.message)


def test_a_solved_puzzle_is_good_once_and_for_ten_minutes() -> None:
    # given
    moment = now()
    with frozen(moment):
        first, second = puzzle_for(hot()), puzzle_for(hot())

    # then
    with frozen(moment + timedelta(seconds=598)):
        check_proof(hot(), answer(first))
        assert words(lambda: check_proof(hot(), answer(first))) == "安全验证已用过"
    with frozen(moment + timedelta(seconds=600)):
        assert words(lambda: check_proof(hot(), answer(second))) == "安全验证已过期"


def test_nobody_is_asked_where_the_product_does_not_want_it() -> None:
    check_proof(AdmissionProduct(code="calm"), "")
    assert words(lambda: check_proof(hot(), "")) == "请先完成安全验证"


def test_what_was_not_solved_or_is_not_ours_is_refused() -> None:
    # given
    puzzle = puzzle_for(hot(), 7)
    data = {"product": "hot", "session": 7}
    other = puzzle_for(AdmissionProduct(code="other", proof_needed=True), 7)
    own = create_challenge(
        proofs.ALGORITHM, 1, counter=0, expires_at=4102444800, data=data, hmac_secret="mine", hmac_key_secret="mine"
    )  # fmt: skip

    # then: another key, product, session, time, less work, a puzzle of one's own
    for told in (
        answer(puzzle, solution={"derivedKey": "00" * 32}), answer(other), answer(puzzle_for(hot(), 8)),
        answer(puzzle_for(hot())), answer(puzzle, {"expiresAt": 4102444800}), answer(puzzle, {"cost": 1}),
        answer(puzzle, {"keySignature": None}), answer(other, {"data": data}), answer(json.dumps(own.to_dict())),
    ):  # fmt: skip
        assert words(lambda told=told: check_proof(hot(), told, 7)) == "安全验证没有通过"  # type: ignore[misc]
    # and what is not even an answer
    for told in (
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b'{"challenge": 1}').decode(),
        "é",
        "e30=",
        "x" * 9999,
    ):
        assert words(lambda told=told: check_proof(hot(), told, 7)) == "请先完成安全验证"  # type: ignore[misc]
    # the puzzle itself is still good, written in another way only once
    check_proof(hot(), answer(puzzle), 7)
    assert (
        words(lambda: check_proof(hot(), answer(puzzle, solution={"counter": 9, "time": 1}), 7))
        == "安全验证已用过"
    )


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda told: base64.b64encode(told).decode()))
def test_whatever_is_told_is_a_refusal(told: str) -> None:
    with pytest.raises(AdmissionError):
        check_proof(hot(), told)


def ask(show: Show, channel: str = "online") -> Ask:
    return Ask(
        show.product.pk, [TicketAsk(show.back.pk)], channel, session=show.session.pk, mobile="13800000001"
    )


@pytest.mark.django_db(transaction=True)
def test_a_hold_wants_it_online_and_a_counter_does_not(show: Show) -> None:
    # given
    buyer = User.objects.create_user("fan@example.com", "password")
    AdmissionProduct.objects.filter(pk=show.product.pk).update(proof_needed=True)
    product = AdmissionProduct.objects.get(pk=show.product.pk)

    # then
    words(lambda: hold_admission(ask(show), key="key-00000001", user=buyer))
    # of another session, or of none, it is no proof
    words(
        lambda: hold_admission(ask(show), key="key-00000001", user=buyer, proof=answer(puzzle_for(product)))
    )
    proof = answer(puzzle_for(product, show.session.pk))
    order = hold_admission(ask(show), key="key-00000001", user=buyer, proof=proof)
    # the same again is the same hold, with whatever proof; another one takes another proof
    assert hold_admission(ask(show), key="key-00000001", user=buyer, proof=proof) == order
    words(lambda: hold_admission(ask(show), key="key-00000002", user=buyer, proof=proof))
    clerk = User.objects.create_user("clerk@example.com", "password", is_staff=True)
    sold = hold_admission(
        ask(show, "counter"), key="key-00000003", user=None, made_by=clerk, unit=show.product.unit
    )
    assert sold.state == "held"


@pytest.mark.django_db(transaction=True)
def test_where_a_queue_is_the_number_takes_it_and_looking_does_not(show: Show) -> None:
    # given
    fan = User.objects.create_user("fan@example.com", "password")
    code = show.product.code
    queueing.set_queue(None, show.product, 600, started_at=now() - timedelta(minutes=1))
    assert asked(fan, PUZZLE, p=code)["admissionProof"] is None
    AdmissionProduct.objects.filter(pk=show.product.pk).update(proof_needed=True)

    # when
    refused = asked(fan, JOIN, p=code)["admissionQueueJoin"]
    of_session = asked(fan, PUZZLE, p=code, s=show.session.pk)["admissionProof"]["challenge"]
    assert asked(fan, JOIN, p=code, proof=answer(of_session))["admissionQueueJoin"]["queue"] is None
    puzzle = asked(fan, PUZZLE, p=code)["admissionProof"]
    taken = asked(fan, JOIN, p=code, proof=answer(puzzle["challenge"]))["admissionQueueJoin"]
    again = asked(fan, JOIN, p=code)["admissionQueueJoin"]

    # then: and whoever queued holds without another one
    assert [one["code"] for one in refused["errors"]] == ["PROOF_NEEDED"] and refused["queue"] is None
    assert taken["errors"] == [] and again["queue"] == taken["queue"]
    assert hold_admission(ask(show), key="key-00000001", user=fan).state == "held"
