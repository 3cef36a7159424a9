"""Logging in through WeChat: once, in the same browser, as nobody else; who came by a shop's code is its customer."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from saleor.account.models import User

from plugins.channels.models import CustomerBinding
from plugins.members.interfaces import IdentityKind, current_agreement, member_by, member_of
from plugins.members.models import Member
from plugins.official_account.models import Account, Fan, SceneCode, SceneState
from plugins.official_account.services import following, logins
from plugins.official_account.wire import Said
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import now
from sandbox.client import SandboxClient
from tests.channels.shops import ask, channel

pytestmark = pytest.mark.django_db

CHEN, LI = "oSandboxPersonChenYujiang001", "oSandboxPersonLiChunlan00002"
START = """mutation($to: String!, $account: String, $scope: WechatLoginScope) {
  wechatLoginStart(returnTo: $to, account: $account, scope: $scope) { url browserKey errors { code message } } }"""
LOGIN = """mutation($code: String!, $state: String!, $key: String!, $agreement: String) {
  wechatLogin(code: $code, state: $state, browserKey: $key, agreement: $agreement) {
    token created follows user { id } errors { field code message hint } } }"""


@pytest.fixture
def page(settings: Any) -> str:
    return f"{settings.PUBLIC_URL}/h5/login?from=menu"


class Trip:
    """Out and back: what the browser has in hand afterwards."""

    def __init__(self, page: str, person: str = CHEN, **asked: Any) -> None:
        begun = ask(START, {"to": page, **asked})["wechatLoginStart"]
        assert begun["errors"] == []
        self.url, self.key = begun["url"], begun["browserKey"]
        with httpx.Client(cookies={"sandbox_person": person}, trust_env=False) as http:
            got = http.get(self.url.split("#")[0])
            if got.status_code == 200:  # the page that asks
                got = http.post(self.url.split("#")[0], data={"answer": "yes"})
        self.back = got.headers["location"]
        told = parse_qs(urlsplit(self.back).query)
        self.code, self.state = told["code"][0], told["state"][0]

    def finish(self, user: User | None = None, **changes: Any) -> dict[str, Any]:
        values = {"code": self.code, "state": self.state, "key": self.key, "agreement": current_agreement()}
        return ask(LOGIN, {**values, **changes}, user)["wechatLogin"]


def refusal(answer: dict[str, Any]) -> str:
    assert answer["token"] is None and answer["user"] is None
    return str(answer["errors"][0]["code"])


def test_newcomer_registers_and_comes_back_as_himself(account: Account, page: str) -> None:
    # when
    first, second = Trip(page).finish(), Trip(page).finish()

    # then
    assert (first["errors"], first["created"], first["follows"]) == ([], True, False)
    assert (second["errors"], second["created"], second["user"]) == ([], False, first["user"])
    assert Member.objects.count() == 1
    member = member_by(IdentityKind.OPENID, CHEN, account.appid)
    assert member is not None and Fan.objects.get().user_id == member.user_id
    whose = ask("{ me { id } }", user=User.objects.get(pk=member.user_id))["me"]
    assert whose == first["user"]


def test_page_gets_code_and_state_behind_its_own_question(account: Account, page: str) -> None:
    # when
    trip = Trip(page)

    # then
    assert trip.back.startswith(f"{page}&code=")
    assert trip.state.isalnum() and len(trip.state) <= 128
    assert trip.key not in trip.url


def test_unionid_joins_two_accounts(
    account: Account, page: str, sandbox_folder: Any, sandbox_address: str
) -> None:
    # when: consented at one account, then at another
    first = Trip(page, scope="USERINFO").finish()
    second = Trip(page, account="yuxi", scope="USERINFO").finish()

    # then
    assert (second["created"], second["user"]) == (False, first["user"])
    assert Member.objects.count() == 1 and Fan.objects.count() == 2
    assert len(set(Fan.objects.values_list("unionid_index", flat=True))) == 1


def test_agreement_is_asked_for_and_the_same_code_is_good_then(
    account: Account, page: str, control: SandboxClient
) -> None:
    # given
    trip = Trip(page)

    # when
    missing = trip.finish(agreement="")
    agreed = trip.finish()

    # then: the code was exchanged once
    assert refusal(missing) == "AGREEMENT_REQUIRED"
    assert (agreed["errors"], agreed["created"]) == ([], True)
    assert len(control.call("GET", "/official_account/calls", operation="oauth_token")["calls"]) == 1


def test_a_login_is_finished_once(account: Account, page: str) -> None:
    # given
    trip = Trip(page)
    assert trip.finish()["errors"] == []

    # then: neither again, nor with a fresh code
    assert refusal(trip.finish()) == "STATE_USED"
    assert refusal(trip.finish(code=Trip(page).code)) == "STATE_USED"


def test_another_browser_cannot_finish_it(account: Account, page: str) -> None:
    # given: somebody is made to open the state of another
    mine, theirs = Trip(page), Trip(page, LI)

    # then
    assert refusal(mine.finish(key=theirs.key)) == "STATE_INVALID"
    assert refusal(mine.finish(key="")) == "STATE_INVALID"
    assert mine.finish()["errors"] == []


@pytest.mark.parametrize("change", ["forged", "cut", "empty", "long", "words"])
def test_forged_states(account: Account, page: str, change: str) -> None:
    # given
    trip = Trip(page)
    state = {
        "forged": f"{int(trip.state.split('x')[0], 16) + 1:x}x" + trip.state.split("x", 1)[1],
        "cut": trip.state[:-1], "empty": "", "long": "1x" * 5000, "words": "你好x世界",
    }[change]  # fmt: skip

    # then
    assert refusal(trip.finish(state=state)) == "STATE_INVALID"
    assert Member.objects.count() == 0


def test_a_state_runs_out(account: Account, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    trip = Trip(page)
    monkeypatch.setattr(logins, "MAX_AGE", -1)

    # then
    assert refusal(trip.finish()) == "STATE_INVALID"


def test_used_old_and_foreign_codes(account: Account, page: str, control: SandboxClient) -> None:
    # given
    used = Trip(page)
    used.finish()
    other = Trip(page, account="yuxi")
    old = Trip(page)
    control.set_clock(offset_seconds=301)

    # then: 40163, 40029, and nothing was done
    answers = [
        Trip(page).finish(code=code) for code in (used.code, old.code, other.code, "made up", "", "x" * 200)
    ]
    assert [refusal(answer) for answer in answers] == ["CODE_INVALID"] * 6
    assert answers[0]["errors"][0]["message"] == "这次微信登录已经用过（40163）"
    assert answers[1]["errors"][0]["message"] == "微信登录已失效（40029）"
    assert Member.objects.count() == 1


def test_openid_of_another_member_is_not_taken_over(account: Account, page: str) -> None:
    # given: this WeChat is a member's; somebody else is logged in
    owner = Trip(page).finish()
    thief = User.objects.create_user("thief@example.com", "pass-word")

    # when
    answer = Trip(page).finish(user=thief)

    # then
    assert answer["errors"][0]["code"] == "OTHER_MEMBER"
    member = member_by(IdentityKind.OPENID, CHEN, account.appid)
    assert member is not None and Fan.objects.get().user_id == member.user_id
    assert owner["user"] is not None


def test_whoever_is_logged_in_binds_wechat(account: Account, page: str) -> None:
    # given
    user = User.objects.create_user("member@example.com", "pass-word")

    # when
    answer = Trip(page).finish(user=user)
    again = Trip(page).finish(user=user)

    # then
    assert (answer["errors"], answer["token"], answer["created"]) == ([], None, False)
    assert again["errors"] == []
    member = member_by(IdentityKind.OPENID, CHEN, account.appid)
    assert member is not None and member.user_id == user.pk
    assert Fan.objects.get().user_id == user.pk


def test_who_followed_by_a_shops_code_is_its_customer_at_login(
    account: Account, org: dict[str, OrgUnit], page: str
) -> None:
    # given
    shop = channel(org["B111"])
    SceneCode.objects.create(
        account=account, unit=org["B111"], channel=shop, name="微店", scene="s1", state=SceneState.ACTIVE
    )
    sent = int(now().timestamp())
    following.apply(account, Said("gh", CHEN, sent, "event", "subscribe", "qrscene_s1", "", "", {}))

    # when
    answer = Trip(page).finish()

    # then
    assert answer["follows"] is True
    member = member_by(IdentityKind.OPENID, CHEN, account.appid)
    assert member is not None
    assert list(CustomerBinding.objects.values_list("customer", "channel")) == [(member.user_id, shop.pk)]


def test_frozen_members_stay_outside(account: Account, page: str) -> None:
    # given
    Trip(page).finish()
    Member.objects.update(status="frozen")

    # then
    answer = Trip(page).finish()
    assert answer["token"] is None and answer["errors"] != []


def test_staff_bind_nothing(account: Account, page: str, editor: User) -> None:
    # when: an editor's token is in the browser: he logs in as the neighbour he is
    answer = Trip(page).finish(user=editor)

    # then
    assert answer["errors"] == [] and answer["created"] is True
    assert member_of(editor) is None


def test_pages_of_others_and_silence(account: Account, page: str, control: SandboxClient) -> None:
    # then
    foreign = ask(START, {"to": "https://evil.example.com/"})["wechatLoginStart"]
    assert (foreign["url"], foreign["errors"][0]["code"]) == (None, "FOREIGN_PAGE")
    trip = Trip(page)
    control.fault("oauth_token", "http_500", system="official_account")
    assert refusal(trip.finish()) == "WECHAT_SILENT"
    assert trip.finish()["errors"] == []  # nothing was used up
