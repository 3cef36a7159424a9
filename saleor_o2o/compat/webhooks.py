"""Sample payloads of webhooks."""

from __future__ import annotations

from typing import Any

from .rebinding import rebind
from .registry import Stage, adaptation


@adaptation(
    Stage.APPS,
    'A UUID field refuses ""; the sample checkout has the empty token and is then asked for its lines',
)
def sample_checkout_lines() -> None:
    from saleor.core.utils import anonymization
    from saleor.webhook import serializers

    anonymize, serialize = anonymization.anonymize_checkout, serializers.serialize_checkout_lines

    def anonymize_checkout(checkout: Any) -> Any:
        lines = serialize(checkout)
        anonymized = anonymize(checkout)
        anonymized.sample_lines = lines
        return anonymized

    def serialize_checkout_lines(checkout: Any) -> Any:
        known = getattr(checkout, "sample_lines", None)
        return serialize(checkout) if known is None else known

    rebind(anonymize, anonymize_checkout)
    rebind(serialize, serialize_checkout_lines)
