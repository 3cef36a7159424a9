"""Addresses that cannot exist get no mail, whoever writes it."""

from __future__ import annotations

from django.core import mail
from django.core.mail import EmailMessage


def test_a_synthetic_address_is_never_mailed_to() -> None:
    # given
    nobody = EmailMessage("订单", "…", "shop@example.com", ["m2600000017@member.invalid"])
    both = EmailMessage("订单", "…", "shop@example.com", ["m2600000017@member.invalid", "a@example.com"])

    # when
    sent = nobody.send(), both.send()

    # then: what goes out goes to those who exist
    assert sent == (0, 1)
    assert [message.recipients() for message in mail.outbox] == [["a@example.com"]]
