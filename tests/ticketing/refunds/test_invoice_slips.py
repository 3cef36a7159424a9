"""Somebody who asks for his invoice again with something put right is told, not answered as if it were done."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import CoachInvoice
from plugins.ticketing.coach.services.invoices import want_invoice

from .changes import Desk
from .test_invoices import desk, sandbox_address, sandbox_folder, sms, three_with_ten_off

__all__ = ["desk", "sandbox_address", "sandbox_folder", "sms"]


def told_field(told: dict[str, Any]) -> str:
    """As the API calls it."""
    return next(iter(told)).replace("tax_number", "taxNumber")


@pytest.mark.parametrize("told", [{"tax_number": "914403001922038216"}, {"email": "new@example.com"}])
def test_another_tax_number_or_address_is_not_swallowed(desk: Desk, told: dict[str, Any]) -> None:
    # given
    order = three_with_ten_off(desk)
    asked = {"title": "某某公司", "tax_number": "91330106673959654P", "email": "old@example.com"}
    made = want_invoice(order, **asked)
    # then the very same is the same
    assert want_invoice(order, **asked).pk == made.pk
    # when
    with pytest.raises(CoachError) as refusal:
        want_invoice(order, **{**asked, **told})
    # then
    assert (refusal.value.code.value, refusal.value.field) == ("INVOICE_THERE", told_field(told))
    assert (CoachInvoice.objects.get().tax_number, CoachInvoice.objects.get().email) == (
        asked["tax_number"], asked["email"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "number", ["9133010667395965", "91330106673959654P0000000", "税号", "91330106673959654X"]
)
def test_a_tax_number_that_is_none_is_told_and_not_cut(desk: Desk, number: str) -> None:
    order = three_with_ten_off(desk)
    with pytest.raises(CoachError) as refusal:
        want_invoice(order, title="某某公司", tax_number=number)
    assert (refusal.value.code.value, refusal.value.field) == ("INVALID_INPUT", "taxNumber")
    assert not CoachInvoice.objects.exists()


@pytest.mark.parametrize("mail", ["某人", "a@", "a b@example.com", f"{'a' * 100}@example.com"])
def test_an_address_that_is_none_is_told(desk: Desk, mail: str) -> None:
    order = three_with_ten_off(desk)
    with pytest.raises(CoachError) as refusal:
        want_invoice(order, title="某某公司", email=mail)
    assert (refusal.value.code.value, refusal.value.field) == ("INVALID_INPUT", "email")
