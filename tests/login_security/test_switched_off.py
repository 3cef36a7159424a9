"""What somebody is told whose account is off: only with the right password, and what to do next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from plugins.login_security.services.accounts import disable_idle
from plugins.org_hierarchy.interfaces import Staff
from plugins.org_hierarchy.services.staffing import disable, enable, leave
from saleor_o2o.kernel.clock import now

from .conftest import PASSWORD, Office, ask, log_in, staff_token, token_of

pytestmark = pytest.mark.django_db
IDLE = "账号连续 90 天未使用，已自动停用"
HINT = "请联系本机构负责人或上级机构"


def told(name: str, password: str = PASSWORD) -> str:
    """What the login page says."""
    return log_in(name, password).content.decode()


def test_an_idle_account_is_told_what_to_do_and_let_in_again(office: Office) -> None:
    # given
    Staff.objects.filter(user=office.clerk).update(last_seen_at=now() - timedelta(days=91))
    assert disable_idle() == 1

    # when
    page, api, stock = told("clerk@example.com"), staff_token(office.clerk), token_of(office.clerk)

    # then: in words at the page and at both doors of the API
    assert IDLE in page and HINT in page
    assert (api["token"], [(one["code"], one["message"]) for one in api["errors"]]) == (
        None, [("STAFF_NOT_ACTIVE", IDLE)],
    )  # fmt: skip
    assert stock["data"]["tokenCreate"] is None
    assert [one["message"] for one in stock["errors"]] == [IDLE]

    # when
    enable(office.chief, office.clerk.o2o_staff)
    # then: the old password still counts
    assert log_in("clerk@example.com").status_code == 302


@pytest.mark.parametrize("password", ["wrong-word", ""])
def test_whoever_does_not_know_the_password_learns_nothing(office: Office, password: str) -> None:
    # given
    disable(office.chief, office.clerk.o2o_staff, reason="休假")

    # then: the same answer as for a name that nobody has
    for name in ("clerk@example.com", "nobody@example.com"):
        page = told(name, password)
        assert HINT not in page and "停用" not in page
    answer = staff_token(office.clerk, password=password)
    assert [one["code"] for one in answer["errors"]] == ["PERMISSION_DENIED"]


def test_disabled_by_hand_and_gone(office: Office) -> None:
    # given
    disable(office.chief, office.clerk.o2o_staff, reason="涉嫌违规")
    # then: that it is off, not the manager's words
    page = told("clerk@example.com")
    assert "账号已停用。" in page and HINT in page and "违规" not in page

    # given
    leave(None, office.clerk.o2o_staff, reason="辞职")
    # then
    assert "您已办理离职，账号不能再登录" in told("clerk@example.com")


def test_a_shopper_who_is_off_is_answered_as_stock_does(office: Office, django_user_model: Any) -> None:
    # given
    django_user_model.objects.create_user("s@example.com", PASSWORD, is_active=False)

    # when
    answer = ask(
        """mutation { tokenCreate(email: "s@example.com", password: "pass-word") { token errors { message } } }"""
    )

    # then
    assert answer["data"]["tokenCreate"]["token"] is None
    assert "errors" not in answer
