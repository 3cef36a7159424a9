"""The kernel's tables."""

from .audit_entry import AuditEntry
from .event import EventDelivery, EventRecord
from .idempotency_record import IdempotencyRecord
from .state_move import StateMove

__all__ = ["AuditEntry", "EventDelivery", "EventRecord", "IdempotencyRecord", "StateMove"]
