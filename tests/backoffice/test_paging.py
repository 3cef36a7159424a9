"""Long lists: counted as far as the page needs it, and the page says so."""

import pytest
from django.contrib.auth.models import Group
from django.core.paginator import EmptyPage
from django.test import Client
from django.urls import reverse

from saleor_o2o.backoffice.admin.base import ShortPaginator

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rows", "page", "count", "said"),
    [
        (0, 1, 0, "共 0 条"),
        (500, 1, 500, "共 500 条"),
        (501, 1, 500, "超过 500 条"),
        (501, 9, 500, "超过 500 条"),
        (501, 10, 501, "共 501 条"),
        (1_001, 10, 1_000, "超过 1,000 条"),
    ],
)
def test_a_list_is_counted_some_hundred_rows_further_than_it_is_shown(
    rows: int, page: int, count: int, said: str
) -> None:
    # given
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(rows))
    paginator = ShortPaginator(Group.objects.order_by("pk"), 50)

    # when
    paginator.look_from(page)

    # then
    assert (paginator.count, paginator.said) == (count, said)


def test_nothing_is_counted_beyond_ten_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(31))
    monkeypatch.setattr(ShortPaginator, "MOST", 30)
    monkeypatch.setattr(ShortPaginator, "STEP", 10)
    paginator = ShortPaginator(Group.objects.order_by("pk"), 5)

    # when
    paginator.look_from(999_999)

    # then
    assert (paginator.count, paginator.num_pages, paginator.said) == (30, 6, "超过 30 条")
    with pytest.raises(EmptyPage):
        paginator.page(7)


@pytest.mark.parametrize(("page", "said"), [("1", "超过 500 条"), ("10", "共 501 条")])
def test_the_page_says_where_the_count_stopped(admin_client: Client, page: str, said: str) -> None:
    # given
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(501))

    # when
    answer = admin_client.get(reverse("admin:auth_group_changelist"), {"p": page})

    # then
    assert answer.status_code == 200
    assert said in answer.content.decode()
