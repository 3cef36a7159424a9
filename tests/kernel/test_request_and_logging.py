import io
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_o2o.kernel import clock
from saleor_o2o.kernel.errors import DomainError, KernelErrorCode, error_code
from saleor_o2o.kernel.logging import RequestFilter
from saleor_o2o.kernel.redaction import redact, redact_text
from saleor_o2o.kernel.request import accept_request_id, actor_label, bind_request, current


@pytest.fixture
def log() -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(request_id)s %(message)s %(member)s"))
    handler.addFilter(RequestFilter())
    logger = logging.Logger("kernel_tests")
    logger.addHandler(handler)
    return logger, stream


def test_log_lines_carry_the_request_and_no_personal_data(log: tuple[logging.Logger, io.StringIO]) -> None:
    # given
    logger, stream = log

    # when
    with bind_request(request_id="req-1"):
        try:
            raise ValueError("id 500103199001011234")
        except ValueError:
            logger.exception(
                "call %s token=%s", "13812340000", "abc", extra={"member": {"openid": "o1", "level": 2}}
            )

    # then
    written = stream.getvalue()
    assert written.startswith("req-1 call 138****0000 token=*** {'openid': '***', 'level': 2}\n")
    assert "ValueError: id 500***********1234" in written
    assert not any(secret in written for secret in ("13812340000", "abc", "500103199001011234", "o1"))


def test_a_line_outside_any_request(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.info("100%% %d", 5, extra={"member": "-"})
    assert stream.getvalue() == "- 100% 5 -\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+86 13812340000 来电", "138****0000 来电"),
        ("tel13812340000.", "tel138****0000."),
        ("card 6222021234567890123", "card ***************0123"),
        ("42000012345678901234567890123456", "42000012345678901234567890123456"),
        ("20251122500100000017", "20251122500100000017"),
        ("Authorization: Bearer a.b-c", "Authorization: ***"),
        ("authorization='JWT x.y'", "authorization=***"),
        ('{"api_v3_key": "s3", "n": 1}', '{"api_v3_key": ***, "n": 1}'),
        ("?access_token=x&page=2", "?access_token=***&page=2"),
        ("db_password = x, host=h", "db_password = ***, host=h"),
        ("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\nnext", "***\nnext"),
        ("订单 88.00 元", "订单 88.00 元"),
    ],
)
def test_texts_are_redacted(text: str, shown: str) -> None:
    assert redact_text(text) == shown


def test_values_are_redacted_by_key_and_by_content() -> None:
    assert redact(
        {"Phone": "13812340000", "x-api-key": "k", "empty": "", "n": None, "t": ("13812340000",)}
    ) == {
        "Phone": "138****0000",
        "x-api-key": "***",
        "empty": "",
        "n": None,
        "t": ["138****0000"],
    }


@given(st.text(max_size=300))
def test_redaction_takes_any_text_and_settles(text: str) -> None:
    once = redact_text(text)
    assert redact_text(once) == once


def test_contexts_nest_and_end() -> None:
    with bind_request(request_id="r1", actor="user:1", ip="10.0.0.1"):
        with bind_request(actor="task:close"):
            inner = current()
            assert (inner.request_id, inner.actor, inner.ip) == ("r1", "task:close", "10.0.0.1")
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(current).result().actor == "system"
        assert current().actor == "user:1"
    assert (current().request_id, current().actor, current().ip) == ("", "system", None)


@pytest.mark.parametrize("header", ["abcdefgh", "req_1-2.3456", "a" * 64])
def test_harmless_request_ids_are_kept(header: str) -> None:
    assert accept_request_id(header) == header


@pytest.mark.parametrize(
    "header", [None, "", "short", "a" * 65, "bad\nheader", "-leading-dash", "空白空白空白空白"]
)
def test_other_request_ids_are_replaced(header: str | None) -> None:
    made = accept_request_id(header)
    assert made != header
    assert len(made) == 32


def test_actors_have_labels_without_personal_data() -> None:
    assert actor_label(SimpleNamespace(pk=12, email="a@example.com")) == "user:12"
    assert actor_label(SimpleNamespace(pk=None)) == "anonymous"
    assert actor_label(None) == "anonymous"


def test_the_clock_is_in_shanghai_and_can_be_held() -> None:
    moment = datetime.fromisoformat("2025-11-22T23:30:00+00:00")
    with clock.frozen(moment):
        assert clock.now().isoformat() == "2025-11-23T07:30:00+08:00"
        assert clock.today().isoformat() == "2025-11-23"
    assert clock.now() > moment
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2025, 1, 1)):
        pass


def test_errors_are_plain_json_and_their_codes_say_nothing_private() -> None:
    error = DomainError(KernelErrorCode.NOT_FOUND, "记录不存在", "id")
    assert error.as_dict() == {"code": "NOT_FOUND", "message": "记录不存在", "field": "id", "hint": None}
    assert str(error) == "记录不存在"
    assert error_code(error) == "NOT_FOUND"
    assert error_code(ValueError("13812340000")) == "ValueError"
