"""Personal data in front of people: masked, and whole only for whoever asks, says why, and may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.masking import mask_id_number, mask_phone
from saleor_o2o.kernel.scope import NotAllowed, get_row, policy_for

from .errors import OrgError, OrgErrorCode
from .models import Staff

UNMASKED = action("org_hierarchy.personal_data.shown", _("查看完整个人信息"))
#: A reason shorter than this says nothing.
SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Secret:
    """What of a model is masked: the permission to see it whole, and the values by label."""

    permission: str
    values: Callable[[Any], list[tuple[Text, str]]]


_secrets: dict[type[Model], Secret] = {}


def register_secret(
    model: type[Model], permission: str, values: Callable[[Any], list[tuple[Text, str]]]
) -> None:
    """Say what of a model is masked: `values(row)` gives label and whole value. Raises ValueError for a second time."""
    if model in _secrets:
        raise ValueError(f"{model._meta.label} is already registered")
    _secrets[model] = Secret(permission, values)


def secret_models() -> dict[str, type[Model]]:
    """The models with something masked, by label (`o2o_org_hierarchy.staff`)."""
    return {model._meta.label_lower: model for model in _secrets}


def may_unmask(user: Any, row: Model) -> bool:
    """True when the user may see this row's personal data whole, on asking."""
    secret = _secrets.get(type(row))
    return secret is not None and policy_for(type(row)).may(user, secret.permission, row)


def phone_for(staff: Staff) -> str:
    """A person's mobile as every page shows it."""
    return mask_phone(staff.mobile) if staff.mobile else "—"


def id_number_for(staff: Staff) -> str:
    """A person's identity number as every page shows it."""
    return mask_id_number(staff.id_number) if staff.id_number else "—"


def reveal(user: Any, model: type[Model], pk: Any, reason: str) -> list[tuple[Text, str]]:
    """The whole values of a row, for somebody who says why; the audit line is written before they are given.

    Raises OutOfScope, NotAllowed, OrgError REQUIRED.
    """
    secret = _secrets[model]
    row = get_row(user, model, pk=pk)
    if not policy_for(model).may(user, secret.permission, row):
        raise NotAllowed
    if len(reason.strip()) < SHORTEST:
        raise OrgError(
            OrgErrorCode.REQUIRED,
            _("请写明查看事由（不少于 %(count)s 字）") % {"count": SHORTEST},
            field="reason",
        )
    values = secret.values(row)
    record(UNMASKED, row, after={"reason": reason.strip(), "shown": [str(label) for label, _value in values]})
    return values


def install() -> None:
    """Register what is masked on the platform's own pages; called once when the app is ready."""
    from saleor_o2o.backoffice import models as pages

    register_secret(Staff, "staff.unmask", _staff)
    register_secret(pages.Order, "customer.unmask", _order)
    register_secret(pages.User, "customer.unmask", _customer)


def _staff(staff: Staff) -> list[tuple[Text, str]]:
    shown: list[tuple[Text, str]] = [(_("手机号"), staff.mobile or "—")]
    return [*shown, (_("身份证号"), staff.id_number)] if staff.id_number else shown


def _order(order: Any) -> list[tuple[Text, str]]:
    found: list[tuple[Text, str]] = [(_("邮箱"), order.user_email or "—")]
    for label, address in ((_("收货"), order.shipping_address), (_("账单"), order.billing_address)):
        if address is not None:
            found += _address(label, address)
    return found


def _customer(user: Any) -> list[tuple[Text, str]]:
    found: list[tuple[Text, str]] = [(_("邮箱"), user.email)]
    for address in user.addresses.order_by("pk")[:20]:
        found += _address(_("收货"), address)
    return found


def _address(label: Text, address: Any) -> list[tuple[Text, str]]:
    phone = getattr(address.phone, "as_e164", None) or str(address.phone or "")
    where = "".join(
        (
            address.country_area,
            address.city,
            address.city_area,
            address.street_address_1,
            address.street_address_2,
        )
    )
    return [
        (_("%(kind)s联系人") % {"kind": label}, f"{address.last_name}{address.first_name}" or "—"),
        (_("%(kind)s电话") % {"kind": label}, phone or "—"),
        (_("%(kind)s地址") % {"kind": label}, where or "—"),
    ]
