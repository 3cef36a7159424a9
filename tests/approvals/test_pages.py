"""待办, the decision page, the matrix and the routes, as people use them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.approvals.interfaces import ApprovalRequest, approve, ask_supplement
from plugins.approvals.models import ApprovalRoute, MatrixDuty, MatrixMatter
from plugins.approvals.registry import forget_matter
from plugins.approvals.seeds import seed
from plugins.approvals.todo import todo
from saleor_o2o.kernel.clock import today
from saleor_o2o.seeding.context import SeedContext
from tests.orgs import again

from .conftest import Office

LIST = "/admin/o2o_approvals/approvalrequest/"
ROUTES = "/admin/o2o_approvals/approvalroute/"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(request: ApprovalRequest) -> str:
    return reverse("admin:o2o_approvals_approvalrequest_change", args=[request.pk])


def post(user: User, request: ApprovalRequest, act: str, note: str = "", **more: Any) -> Any:
    data = {"act": act, "note": note, "version": request.version, **more}
    return browser(user).post(page_of(request), data)


def test_the_four_tabs(office: Office) -> None:
    # given
    waiting, decided = office.submit(), office.submit()
    approve(decided, office.branch)

    # then
    def seen(user: User, tab: str) -> set[str]:
        text = browser(user).get(LIST, {"tab": tab}).content.decode()
        return {one.number for one in (waiting, decided) if one.number in text}

    both = {waiting.number, decided.number}
    assert seen(office.branch, "waiting") == {waiting.number}
    assert seen(office.county, "waiting") == {decided.number}
    assert seen(office.clerk, "mine") == both and seen(office.clerk, "waiting") == set()
    assert seen(office.branch, "done") == {decided.number}
    assert seen(office.branch, "overdue") == set()
    ApprovalRequest.objects.filter(pk=waiting.pk).update(overdue_since=waiting.submitted_at)
    assert seen(office.branch, "overdue") == {waiting.number}
    assert seen(office.branch, "nonsense") == {waiting.number}


def test_agreeing_on_the_page(office: Office) -> None:
    # given
    request = office.submit(note="请批准")
    text = browser(office.branch).get(page_of(request)).content.decode()
    for said in ("部门开设：票务", "请批准", "甲县一支局", "名称", "查看详情", "同意", "驳回", "要求补充"):
        assert said in text

    # when
    answer = post(office.branch, request, "approve", "已走访")

    # then
    assert answer.status_code == 302
    assert ApprovalRequest.objects.get().position == 2
    text = browser(office.branch).get(page_of(request)).content.decode()
    assert "已走访" in text and 'value="approve"' not in text


def test_what_was_typed_survives_a_refusal(office: Office) -> None:
    # given
    request = office.submit()
    ask_supplement(request, office.branch, "附照片")

    # when: an old page, with a long opinion
    answer = post(office.branch, request, "approve", "意见很长", version=1)

    # then
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "刚刚被他人处理过" in text
    assert ApprovalRequest.objects.get().state == "supplement"
    answer = post(office.clerk, request, "supplement", "  ")
    assert "请填写补充说明" in answer.content.decode()


@pytest.mark.parametrize(
    "data", [{"act": "explode"}, {"version": "x"}, {"version": ""}, {"note": "长" * 2001}]
)
def test_bad_input_is_refused_in_words(office: Office, data: dict[str, str]) -> None:
    request = office.submit()
    answer = browser(office.branch).post(
        page_of(request), {"act": "approve", "note": "", "version": "1", **data}
    )
    assert answer.status_code == 200
    assert ApprovalRequest.objects.get().version == 1


def test_out_of_scope_is_not_found(office: Office) -> None:
    # given
    request = office.submit()
    stranger = office.person("s", "C21")

    # then
    assert browser(stranger).get(page_of(request)).status_code == 404
    assert post(stranger, request, "approve").status_code == 404
    assert browser(stranger).get(f"{LIST}x/change/").status_code == 404
    assert ApprovalRequest.objects.get().version == 1
    shopper = User.objects.create_user("x@example.com", "pass-word")
    assert browser(shopper).get(LIST).status_code == 302


def test_supplement_and_withdraw_on_the_page(office: Office) -> None:
    # given
    request = office.submit()
    ask_supplement(request, office.branch, "附照片")
    text = browser(office.clerk).get(page_of(request)).content.decode()
    assert "提交补充" in text and "撤回申请" in text and "附照片" in text

    # when / then
    assert post(office.clerk, request, "supplement", "已附").status_code == 302
    request.refresh_from_db(fields=["version"])
    assert post(office.clerk, request, "withdraw").status_code == 302
    assert ApprovalRequest.objects.get().state == "withdrawn"


def test_a_request_of_a_plugin_that_is_off_or_a_row_that_is_gone(office: Office) -> None:
    # given
    request = office.submit()
    subject = request.subject

    # when
    subject.delete()
    # then
    assert "申请的对象已不存在" in browser(office.branch).get(page_of(request)).content.decode()
    # when
    forget_matter("test.opening")
    # then: shown, but nothing can be decided by mistake
    assert browser(office.branch).get(page_of(request)).status_code == 200
    approve(request, office.branch)
    answer = post(office.county, request, "approve")
    assert "审批事项未启用" in answer.content.decode()
    assert ApprovalRequest.objects.get().state == "pending"


def test_the_home_page_shows_what_waits(office: Office) -> None:
    # given
    request = office.submit()

    # when
    text = browser(office.branch).get("/admin/").content.decode()

    # then
    assert "我的待办" in text and "部门开设：票务" in text and page_of(request) in text
    assert [one.title for one in todo(office.branch)] == ["部门开设：票务"]
    assert todo(office.clerk) == []
    assert "部门开设：票务" not in browser(office.county).get("/admin/").content.decode()


def test_the_matrix_is_shown_and_a_row_edited(office: Office) -> None:
    # given
    seed(SeedContext(say=lambda text: None))
    city = office.person("city", "CQ", ("approval.view", "approval.edit"))
    looks = office.person("looks", "C11", ("approval.view",))
    row = MatrixMatter.objects.get(code="complaint")
    edit = reverse("admin:o2o_approvals_matrixmatter_change", args=[row.pk])
    matrix = "/admin/o2o_approvals/matrixmatter/"

    # then
    text = browser(looks).get(matrix).content.decode()
    assert "投诉" in text and "最终裁决" in text and edit not in text
    assert "审批事项：开设渠道（网点、社区微店）" in text  # what the flow holds people to
    assert edit in browser(city).get(matrix).content.decode()
    assert browser(looks).get(edit).status_code == 403
    assert browser(office.clerk).get(matrix).status_code == 403
    assert browser(office.clerk).get(edit).status_code == 404

    # when
    data = {f"duty_{level}": "V" for level in range(1, 6)} | {f"text_{level}": "看" for level in range(1, 6)}
    assert browser(looks).post(edit, data).status_code == 403
    assert browser(city).post(edit, {**data, "duty_1": "Q"}).status_code == 200
    assert browser(city).post(edit, data).status_code == 302

    # then
    assert set(MatrixDuty.objects.filter(matter=row).values_list("duty", "text")) == {("V", "看")}


def test_a_route_is_written_on_the_page(office: Office) -> None:
    # given
    city = office.person("city", "CQ", ("approval.view", "approval.edit"))
    data = {
        "matter": "test.refund", "valid_from": today().isoformat(), "note": "试行",
        "form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "0",
        "form-0-max_amount": "300", "form-0-level": "3", "form-0-hours": "24", "form-0-or_above": "on",
        "form-1-level": "1", "form-2-level": "",
    }  # fmt: skip
    text = browser(city).get(f"{ROUTES}add/?matter=test.refund").content.decode()
    assert f'value="{today().isoformat()}"' in text

    # when / then: bad values come back
    answer = browser(city).post(f"{ROUTES}add/", {**data, "form-0-max_amount": "三百"})
    assert answer.status_code == 200 and "三百" in answer.content.decode()
    answer = browser(city).post(f"{ROUTES}add/", {**data, "form-1-level": ""})
    assert "不限金额" in answer.content.decode()
    assert not ApprovalRoute.objects.exists()

    # when
    assert browser(city).post(f"{ROUTES}add/", data).status_code == 302

    # then
    route = ApprovalRoute.objects.get()
    lines = [(str(line.max_amount), line.level, line.hours, line.or_above) for line in route.lines.all()]
    assert lines == [("300.00", 3, 24, True), ("None", 1, None, False)]
    text = browser(city).get(f"{ROUTES}{route.pk}/change/").content.decode()
    assert "300.00" in text and "执行中" in text
    assert "退款" in browser(city).get(ROUTES).content.decode()
    looks = office.person("looks", "CQ", ("approval.view",))
    assert browser(looks).get(f"{ROUTES}add/").status_code == 403
    assert browser(looks).get(ROUTES).status_code == 200


def test_the_list_takes_the_same_statements_whatever_it_holds(
    office: Office, django_assert_max_num_queries: Any
) -> None:
    # given
    def statements() -> int:
        client = browser(again(office.branch))
        with django_assert_max_num_queries(40) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    office.submit()
    statements()  # the first fills what is kept for the life of a process
    few = statements()
    for _number in range(10):
        office.submit()

    # then
    assert statements() == few
