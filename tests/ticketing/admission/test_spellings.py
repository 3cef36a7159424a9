"""A mobile number is one number however a buyer writes it: guests and clerks find his tickets by it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.models import Voucher
from plugins.ticketing.admission.services.catalogue import change_class
from plugins.ticketing.admission.services.stock import make_quota
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.services.at_window import at_window
from plugins.ticketing.kernel.access import ORDER_VIEW
from plugins.ticketing.kernel.services.guests import Asked, order_asked
from tests.orgs import again, person

from ..vouchers.window import CLERK
from .conftest import Park
from .test_changing import hold, issue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rules")]


@pytest.mark.parametrize("written", ["+86 138 0013 8000", "138-0013-8000", "１３８００１３８０００"])
def test_tickets_are_found_by_the_plain_number_however_it_was_written(
    park: Park, org: dict[str, OrgUnit], client: Client, written: str
) -> None:
    # given
    change_class(None, park.adult, exchange_mode="on_site", verify_mode="each")
    make_quota(None, park.product, 10, day=park.day)
    made = hold(
        None, "key-00000001", product="karst", day=str(park.day), tickets=[{"ticketClass": "adult"}], mobile=written
    )  # fmt: skip
    assert made["errors"] == []
    order = issue(made["number"])
    clerk = again(person(org["CQ"], "clerk", (*CLERK, ORDER_VIEW)))
    client.force_login(clerk)

    # then: by the guest, at the window and on the orders' page, in every spelling; not by half a number
    for told in ("13800138000", "+86 138 0013 8000", "86-13800138000"):
        assert order_asked(Asked(number=order.number, mobile=told)) == order
        assert [row.voucher for row in at_window(clerk, told)] == [Voucher.objects.get()]
        listed = client.get(reverse("admin:o2o_ticketing_ticketorder_changelist"), {"q": told})
        assert [row.pk for row in listed.context["cl"].result_list] == [order.pk]
    for told in ("1380013800", "13800138001"):
        with pytest.raises(VoucherError):
            at_window(clerk, told)
        listed = client.get(reverse("admin:o2o_ticketing_ticketorder_changelist"), {"q": told})
        assert not listed.context["cl"].result_list
