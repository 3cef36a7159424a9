"""Text messages over real HTTP: slow, refused, lost, unknown; never two of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from plugins.members import sms_http, tasks
from plugins.members.kinds import SmsState
from plugins.members.models import SmsMessage
from plugins.members.ports import SmsNotConfigured
from plugins.members.services import sms as service
from plugins.members.texts import register_text
from saleor_o2o.kernel.clock import now
from sandbox.client import SandboxClient

from .asking import MOBILE, STATUS, ask, send, somebody

pytestmark = pytest.mark.django_db


def the_message() -> SmsMessage:
    return SmsMessage.objects.get()


def aged(**by: Any) -> None:
    """The last try was so long ago."""
    SmsMessage.objects.update(tried_at=now() - timedelta(**by))


def test_a_message_that_was_sent_forgets_what_it_said(sms: SandboxClient) -> None:
    # when
    send()

    # then
    message = the_message()
    assert (message.state, message.attempts, message.parameters, message.failure) == (
        SmsState.SENT,
        1,
        {},
        "",
    )
    assert message.receipt and message.over_at is not None
    assert service.deliver(message.pk) is None
    assert [one["copies"] for one in sms.texts(MOBILE)] == [1]


@pytest.mark.parametrize("kind", ["answer_lost", "not_json", "http_500", "http_429"])
def test_without_an_answer_it_is_asked_for_by_its_number(
    sms: SandboxClient, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    sms.fault("send", kind, system="sms")
    asked = send()
    lost = the_message()
    assert (lost.state, lost.attempts) == (SmsState.UNKNOWN, 1)
    assert ask(STATUS, {"ticket": asked["ticket"]}) == "SENDING"

    # when
    aged(seconds=20)
    assert tasks.send_waiting() == 1

    # then: sent once, under the same number, whether it had arrived or not
    message = the_message()
    assert (message.state, message.attempts, message.number) == (SmsState.SENT, 2, lost.number)
    assert [(one["request_no"], one["copies"]) for one in sms.texts(MOBILE)] == [(lost.number, 1)]
    assert ask(STATUS, {"ticket": asked["ticket"]}) == "SENT"


def test_a_slow_gateway_is_not_waited_for(sms: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    import httpx

    monkeypatch.setattr(sms_http, "TIMEOUT", httpx.Timeout(0.3))
    sms_http._made.clear()
    sms.fault("send", "timeout", system="sms", delay=2, done=True)

    # when
    send()

    # then
    assert (the_message().state, the_message().failure) == (SmsState.UNKNOWN, "TIMEOUT")
    monkeypatch.undo()
    sms_http._made.clear()
    aged(seconds=20)
    tasks.send_waiting()
    assert the_message().state == SmsState.SENT
    assert [one["copies"] for one in sms.texts(MOBILE)] == [1]


def test_refused_is_refused(sms: SandboxClient) -> None:
    # when
    asked = send("13800000000")

    # then: told to whoever asked
    message = the_message()
    assert (message.state, message.failure, message.parameters) == (SmsState.REFUSED, "OUT_OF_SERVICE", {})
    assert ask(STATUS, {"ticket": asked["ticket"]}) == "FAILED"
    assert service.waiting() == []


def test_what_nobody_wants_any_more_is_not_sent(sms: SandboxClient) -> None:
    # given: the gateway was away all the time
    sms.fault("send", "http_500", system="sms", times=None)
    send()
    SmsMessage.objects.update(expires_at=now() - timedelta(seconds=1))
    aged(seconds=20)

    # when
    tasks.send_waiting()

    # then
    assert (the_message().state, the_message().failure) == (SmsState.EXPIRED, "EXPIRED")
    assert sms.texts(MOBILE) == []


def test_one_that_stays_unanswered_is_given_up_after_a_day(sms: SandboxClient) -> None:
    # given
    sms.fault("*", "http_500", system="sms", times=None)
    send()
    SmsMessage.objects.update(expires_at=now() - timedelta(days=1, seconds=1))
    aged(seconds=20)

    # when
    tasks.send_waiting()

    # then
    assert (the_message().state, the_message().failure) == (SmsState.EXPIRED, "NO_ANSWER")


def test_a_message_of_a_worker_that_died_is_taken_up_once(sms: SandboxClient) -> None:
    # given
    message = service.compose(MOBILE, "code", {"code": "123456", "minutes": "5"})
    SmsMessage.objects.filter(pk=message.pk).update(state=SmsState.SENDING)
    aged(seconds=30)
    assert service.waiting() == [] and service.deliver(message.pk) is None

    # when
    aged(seconds=61)
    assert service.waiting() == [message.pk]
    tasks.send_waiting()

    # then
    assert the_message().state == SmsState.SENT
    assert len(sms.texts(MOBILE)) == 1


def test_two_tasks_send_one_message(sms: SandboxClient) -> None:
    # given: the other task has just taken it
    message = service.compose(MOBILE, "code", {"code": "123456", "minutes": "5"})
    assert service._take(message.pk) == SmsState.WAITING

    # then
    assert service.deliver(message.pk) is None
    assert sms.texts(MOBILE) == []


def test_without_a_provider_messages_wait(settings: Any) -> None:
    # given
    settings.SANDBOX_URL = ""

    # when
    send()

    # then
    assert (the_message().state, the_message().failure) == (SmsState.WAITING, "NO_URL")
    with pytest.raises(SmsNotConfigured):
        sms_http.load()


def test_a_foreign_address_needs_https(settings: Any) -> None:
    # given
    settings.O2O_SMS = {**settings.O2O_SMS, "URL": "http://sms.example.com/", "KEY": "k", "SECRET": "s"}
    assert sms_http.load().base_url == "http://sms.example.com"
    assert "s" not in repr(sms_http.load()).replace("sms", "").replace("base_url", "").replace("Sms", "")

    # when
    settings.O2O_SANDBOX_ALLOWED = False

    # then
    with pytest.raises(SmsNotConfigured):
        sms_http.load()


def test_another_key_is_refused(sms: SandboxClient, settings: Any) -> None:
    # given
    settings.O2O_SMS = {**settings.O2O_SMS, "URL": f"{settings.SANDBOX_URL}/sms", "KEY": "k", "SECRET": "s"}

    # when
    send()

    # then
    assert (the_message().state, the_message().failure) == (SmsState.WAITING, "HTTP_401")


def test_other_plugins_send_their_own_words(sms: SandboxClient) -> None:
    # given
    from plugins.members.interfaces import notify

    register_text("test_pickup", "取货码 %(code)s")
    member = somebody()

    # when
    assert notify(member, "test_pickup", {"code": "K7W3"}) is True

    # then
    assert sms.texts(MOBILE)[0]["text"] == "【渝邮生活】取货码 K7W3"
