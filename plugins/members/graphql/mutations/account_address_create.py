"""``accountAddressCreate``: stock's, within the number of addresses that a member keeps."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.account.error_codes import AccountErrorCode
from saleor.account.models import Address
from saleor.graphql.account.mutations.account import AccountAddressCreate as StockAddressCreate
from saleor.graphql.core.types.common import AccountError

from saleor_o2o.kernel.errors import DomainError

from ...services.addresses import require_room


class AccountAddressCreate(StockAddressCreate):
    """Counted and written under the lock of the member, like our own."""

    class Meta:
        description = "Create a new address for the customer."
        model = Address
        error_type_class = AccountError
        error_type_field = "account_errors"

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, **data: Any) -> Any:
        user = info.context.user
        with transaction.atomic():
            if not user.is_staff:
                try:
                    require_room(user)
                except DomainError as error:
                    raise ValidationError(error.in_words, code=AccountErrorCode.INVALID.value) from None
            return super().perform_mutation(root, info, **data)
