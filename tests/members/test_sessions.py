"""Devices: seen, logged out one by one or all at once; a screen logged in from the phone, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from plugins.members.interfaces import sign_in
from plugins.members.kinds import QrState
from plugins.members.models import Member, MemberSession, QrLogin
from plugins.members.services import qr
from plugins.members.services.qr import decide, poll, scan, start
from plugins.members.services.sessions import sweep
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import StateMove
from tests.threads import together
from tests.wiping import wipe

from .asking import ERRORS, ME, MOBILE, OTHER, ask, codes_of, phone, somebody

pytestmark = pytest.mark.django_db

SESSIONS = "{ myMemberSessions { id device way ip current } }"
END = f"mutation($id: ID!) {{ memberSessionEnd(id: $id) {{ sessions {{ id }} {ERRORS} }} }}"
OUT = f"""mutation($everywhere: Boolean, $keep: Boolean) {{
  memberSignOut(everywhere: $everywhere, keepThis: $keep) {{ ended {ERRORS} }} }}"""
START = f'mutation {{ memberQrStart(device: {{name: "网吧的电脑"}}) {{ content secret match {ERRORS} }} }}'
SCAN = f"mutation($content: String!) {{ memberQrScan(content: $content) {{ device match {ERRORS} }} }}"
DECIDE = f"""mutation($content: String!, $accept: Boolean!) {{
  memberQrDecide(content: $content, accept: $accept) {{ state {ERRORS} }} }}"""
POLL = f"mutation($secret: String!) {{ memberQrPoll(secret: $secret) {{ state token member {{ number }} {ERRORS} }} }}"


def out(token: str) -> bool:
    answer = ask(ME, token=token)
    return answer is None or "errors" in answer


def test_one_device_is_logged_out(django_assert_num_queries: Any) -> None:
    # given
    member = somebody()
    one, two = sign_in(member, phone("a", "192.0.2.7")), sign_in(member, phone("b"))
    stranger = sign_in(somebody(OTHER), phone("c"))

    # when
    seen = ask(SESSIONS, token=one.token)

    # then
    assert [(one["device"], one["way"], one["current"]) for one in seen] == [
        ("手机", "WECHAT", False), ("手机", "WECHAT", True),
    ]  # fmt: skip
    for wrong in (stranger.session_id, 0, "x", "9" * 30, -1):
        assert codes_of(ask(END, {"id": str(wrong)}, one.token)) == ["NOT_FOUND"]
    answer = ask(END, {"id": str(two.session_id)}, one.token)
    assert answer == {"sessions": [{"id": str(one.session_id)}], "errors": []}
    assert out(two.token) and not out(one.token) and not out(stranger.token)
    assert ask(END, {"id": str(two.session_id)}, one.token)["errors"] == []


def test_here_everywhere_and_everywhere_else() -> None:
    # given
    member = somebody()
    tokens = [sign_in(member, phone(key)).token for key in "abcd"]

    # then
    assert ask(OUT, {}, tokens[0])["ended"] == 1
    assert [out(one) for one in tokens] == [True, False, False, False]
    assert ask(OUT, {"everywhere": True, "keep": True}, tokens[1])["ended"] == 2
    assert [out(one) for one in tokens] == [True, False, True, True]
    assert ask(OUT, {"everywhere": True}, tokens[1])["ended"] == 1
    assert out(tokens[1])
    assert codes_of(ask(OUT, {}, "")) == ["SIGN_IN_REQUIRED"]
    assert ask(SESSIONS) == []


def test_the_same_device_logging_in_anew_is_one_device() -> None:
    # given
    member = somebody()
    old, new = sign_in(member, phone("a")).token, sign_in(member, phone("a")).token

    # then
    assert out(old) and not out(new)
    assert member.sessions.filter(ended_at__isnull=True).count() == 1


def test_logins_that_nobody_uses_end() -> None:
    # given
    member = somebody()
    token = sign_in(member, phone("a")).token

    # when
    with frozen(now() + timedelta(days=181)):
        assert sweep() == 1

    # then
    assert out(token)


def test_a_screen_is_logged_in_from_the_phone() -> None:
    # given
    member = somebody()
    token = sign_in(member, phone("a")).token
    shown = ask(START)
    told, secret = {"content": shown["content"]}, {"secret": shown["secret"]}

    # when
    before = ask(POLL, secret)
    scanned = ask(SCAN, told, token)
    between = ask(POLL, secret)
    assert ask(SCAN, told, token)["errors"] == []
    agreed = ask(DECIDE, {**told, "accept": True}, token)
    first, second = ask(POLL, secret), ask(POLL, secret)

    # then
    assert (before["state"], between["state"]) == ("WAITING", "SCANNED")
    assert scanned == {"device": "网吧的电脑", "match": shown["match"], "errors": []}
    assert agreed["state"] == "CONFIRMED"
    assert (first["state"], first["member"]["number"]) == ("TAKEN", member.number)
    assert not out(first["token"])
    assert second == {"state": "GONE", "token": None, "member": None, "errors": []}
    assert (
        codes_of(ask(SCAN, told, token))
        == codes_of(ask(DECIDE, {**told, "accept": True}, token))
        == ["QR_GONE"]
    )
    assert [one.target for one in StateMove.objects.filter(subject_type="o2o_members.qrlogin").order_by("pk")] == [
        "scanned", "confirmed", "taken",
    ]  # fmt: skip


def test_refused_too_late_or_by_somebody_else() -> None:
    # given
    member, other = somebody(), somebody(OTHER)
    shown = start(phone())
    scan(member, shown.content)

    # then: whoever scanned decides
    for act in (partial(scan, other), partial(decide, other, accept=True)):
        with pytest.raises(DomainError):
            act(shown.content)
    assert poll(shown.secret) == ("scanned", None)
    assert decide(member, shown.content, accept=False).state == QrState.REFUSED
    assert poll(shown.secret) == ("refused", None)
    with pytest.raises(DomainError):
        decide(member, shown.content, accept=True)

    # then: two minutes
    late = start(phone())
    scan(member, late.content)
    decide(member, late.content, accept=True)
    with frozen(now() + timedelta(minutes=2, seconds=1)):
        assert poll(late.secret) == ("gone", None)
        with pytest.raises(DomainError):
            scan(member, late.content)
    for nonsense in ("", "yuyou-login:", "🐼", "x" * 5000, late.secret):
        with pytest.raises(DomainError):
            scan(member, nonsense)
        assert poll(late.content) == ("gone", None)
    assert MemberSession.objects.count() == 0


def test_nobody_logged_in_cannot_scan(org: dict[str, Any]) -> None:
    # given
    shown = ask(START)

    # then
    assert codes_of(ask(SCAN, {"content": shown["content"]})) == ["SIGN_IN_REQUIRED"]
    assert codes_of(ask(DECIDE, {"content": shown["content"], "accept": True})) == ["SIGN_IN_REQUIRED"]
    assert QrLogin.objects.get().state == QrState.WAITING


@pytest.fixture
def confirmed(settings: Any, transactional_db: None) -> Iterator[str]:
    """The secret of a screen whose phone has confirmed."""
    settings.O2O_LOCK_TIMEOUT = 30
    member = somebody(MOBILE)
    shown = start(phone())
    scan(member, shown.content)
    decide(member, shown.content, accept=True)
    yield shown.secret
    wipe()


def test_of_five_polls_one_is_logged_in(confirmed: str) -> None:
    # when
    results = together(*(partial(poll, confirmed) for _ in range(5)))

    # then
    assert sorted(state for state, _tokens in results) == ["gone"] * 4 + ["taken"]
    assert Member.objects.get().sessions.count() == 1


def test_without_the_lock_several_are(confirmed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    gate = Barrier(5, timeout=10)

    def unlocked(rows: Any) -> list[Any]:
        found = list(rows)
        gate.wait()
        return found

    monkeypatch.setattr(qr, "lock_rows", unlocked)

    # when
    results = together(*(partial(poll, confirmed) for _ in range(5)))

    # then
    assert len([one for one in results if isinstance(one, tuple) and one[0] == "taken"]) > 1
