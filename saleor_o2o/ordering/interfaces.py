"""What plugins may use of ordering."""

from __future__ import annotations

from .error_codes import OrderingErrorCode
from .origin import Made, Origin, order_written
from .services.drafts import DraftRefused, lock_draft, place_draft
from .services.fulfilling import FulfilmentRefused, fulfil_all, lock_for_fulfilment

__all__ = [
    "DraftRefused",
    "FulfilmentRefused",
    "Made",
    "OrderingErrorCode",
    "Origin",
    "fulfil_all",
    "lock_draft",
    "lock_for_fulfilment",
    "order_written",
    "place_draft",
]
