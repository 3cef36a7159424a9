"""Approvals over the API: the same scope and the same rules."""

from __future__ import annotations

from typing import Any

import pytest
from graphql_jwt.shortcuts import get_token
from saleor.account.models import User

from plugins.approvals.interfaces import ApprovalRequest, ask_supplement
from tests.orgs import again

from .conftest import Office

MINE = """query($tab: ApprovalTab) { myApprovals(tab: $tab) {
  number version title state unitName submitterName level isLate mayDecide
  facts { label text } actions { kind actorName } } }"""
ONE = "query($number: String!) { approval(number: $number) { number } }"
DECIDE = """mutation($number: String!, $version: Int!, $decision: ApprovalDecision!, $note: String) {
  approvalDecide(number: $number, version: $version, decision: $decision, note: $note) {
    approval { state version } errors { field code message } } }"""
SUPPLEMENT = """mutation($number: String!, $version: Int!, $note: String!) {
  approvalSupplement(number: $number, version: $version, note: $note) { approval { state } errors { code } } }"""
WITHDRAW = """mutation($number: String!, $version: Int!) {
  approvalWithdraw(number: $number, version: $version) { approval { state } errors { code } } }"""


@pytest.fixture
def ask(client: Any) -> Any:
    def post(query: str, variables: dict[str, Any], user: User | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"JWT {get_token(user)}"} if user else {}
        answer = client.post(
            "/graphql/",
            {"query": query, "variables": variables},
            content_type="application/json",
            headers=headers,
        ).json()
        assert "errors" not in answer, answer
        return answer["data"]

    return post


def decide(
    ask: Any, request: ApprovalRequest, user: User | None, decision: str = "APPROVE", **more: Any
) -> Any:
    told = {"number": request.number, "version": request.version, "decision": decision, **more}
    return ask(DECIDE, told, user)["approvalDecide"]


def test_my_approvals(office: Office, ask: Any) -> None:
    # given
    request = office.submit()

    # when
    (found,) = ask(MINE, {"tab": "WAITING"}, office.branch)["myApprovals"]

    # then
    assert found == {
        "number": request.number, "version": 1, "title": "部门开设：票务", "state": "PENDING",
        "unitName": "甲县一支局", "submitterName": "clerk", "level": 4, "isLate": False, "mayDecide": True,
        "facts": [{"label": "名称", "text": "票务"}, {"label": "代码", "text": "d0"}],
        "actions": [{"kind": "SUBMIT", "actorName": "clerk"}],
    }  # fmt: skip
    assert ask(MINE, {"tab": "WAITING"})["myApprovals"] == []
    assert ask(MINE, {"tab": "MINE"}, office.branch)["myApprovals"] == []


WHO = {
    "nobody": "NOT_FOUND",
    "shopper": "NOT_FOUND",
    "stranger": "NOT_FOUND",
    "clerk": "SAME_PERSON",
    "branch": None,
}


@pytest.mark.parametrize(("who", "refused"), WHO.items())
def test_deciding(office: Office, ask: Any, who: str, refused: str | None) -> None:
    # given
    request = office.submit()
    people: dict[str, Any] = {
        "nobody": None,
        "shopper": User.objects.create_user("x@example.com", "pass-word"),
        "stranger": office.person("stranger", "C21"),
        "clerk": office.clerk,
        "branch": office.branch,
    }

    # when
    answer = decide(ask, request, people[who])

    # then
    if refused:
        assert answer["approval"] is None and [one["code"] for one in answer["errors"]] == [refused]
        assert ApprovalRequest.objects.get().version == 1
    else:
        assert answer == {"approval": {"state": "PENDING", "version": 2}, "errors": []}
    number = {"number": request.number}
    seen = ask(ONE, number, people[who])["approval"]
    assert (seen is not None) == (refused != "NOT_FOUND")


def test_reasons_versions_and_the_way_back(office: Office, ask: Any) -> None:
    # given
    request = office.submit()

    # then
    assert decide(ask, request, office.branch, "REJECT")["errors"][0]["code"] == "REQUIRED"
    assert decide(ask, request, office.branch, version=7)["errors"][0]["code"] == "CHANGED_MEANWHILE"
    assert decide(ask, request, office.branch, "ASK", note="补")["approval"]["state"] == "SUPPLEMENT"
    told = {"number": request.number, "version": 2}
    assert (
        ask(SUPPLEMENT, {**told, "note": "附"}, office.branch)["approvalSupplement"]["errors"][0]["code"]
        == "NOT_YOURS"
    )
    assert (
        ask(SUPPLEMENT, {**told, "note": "附"}, office.clerk)["approvalSupplement"]["approval"]["state"]
        == "PENDING"
    )
    answer = ask(WITHDRAW, {**told, "version": 3}, office.clerk)["approvalWithdraw"]
    assert answer == {"approval": {"state": "WITHDRAWN"}, "errors": []}
    assert (
        ask(WITHDRAW, {**told, "version": 4}, office.clerk)["approvalWithdraw"]["errors"][0]["code"]
        == "NOT_OPEN"
    )


def test_a_list_without_subjects_takes_the_same_statements(
    office: Office, ask: Any, django_assert_max_num_queries: Any
) -> None:
    # given
    query = "{ myApprovals { number unitName submitterName actions { kind } } }"

    def statements() -> int:
        with django_assert_max_num_queries(20) as captured:
            ask(query, {}, again(office.branch))
        return len(captured)

    ask_supplement(office.submit(), office.branch, "补")
    office.submit()
    statements()
    few = statements()
    for _number in range(8):
        office.submit()

    # then
    assert statements() == few
