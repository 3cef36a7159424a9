"""The sandbox's gate decides alone as the documentation says; codes, lists and time codes are made here by hand."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sandbox.client import SandboxClient, SandboxRefused
from sandbox.gate.deciding import decide, proven

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
SECRET = "device-secret"
START, END = 1_790_000_000, 1_790_086_400
NOW = START + 3600.0


def to36(value: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    found = ""
    while value:
        value, rest = divmod(value, 36)
        found = digits[rest] + found
    return found or "0"


def code(
    pk: int, *, uses: int = 1, rotating: bool = False, nonce: str = "a1-0123456789abcdef", product: int = 3
) -> str:
    import base64

    terms = "-".join([*(to36(one) for one in (pk, product, 0, START, END, uses)), "r" if rotating else "s"])
    base = f"v1.{terms}.{nonce}"
    return f"{base}.{base64.urlsafe_b64encode(KEY.sign(base.encode())).rstrip(b'=').decode()}"


def listed(*vouchers: list[Any], **told: Any) -> dict[str, Any]:
    return {
        "device": "G1", "made_at": START, "good_until": END, "is_open": True, "direction": "in", "trusts": False,
        "products": [3], "keys": {"a1": KEY.public_key().public_bytes_raw().hex()},
        "secrets": [["a1", 3, 0, "ab" * 32]], "vouchers": list(vouchers), **told,
    }  # fmt: skip


def line(pk: int, left: int = 1, flags: str = "", short: str = "1234567890123456") -> list[Any]:
    key = hmac.new(SECRET.encode(), b"list", hashlib.sha256).digest()
    digest = hmac.new(key, short.encode(), hashlib.sha256).hexdigest()[:24]
    return [pk, digest, "a1-0123456789abcdef", left, START, END, 3, 0, flags]


def answer(
    told: dict[str, Any], text: str, *, people: int | None = None, at: float = NOW, used: Any = None
) -> str:
    return decide(told, SECRET, text, people, at, used or {}).answer


def test_what_is_on_the_list_comes_in_once() -> None:
    told = listed(line(7, 3))
    first = decide(told, SECRET, code(7), 2, NOW, {})
    assert (first.answer, first.people, first.left) == ("passed", 2, 1)
    assert answer(told, code(7), people=2, used={7: 2}) == "too_many"
    assert answer(told, code(7), used={7: 3}) == "used"
    assert answer(told, "1234 5678 9012 3456") == "passed"
    assert answer(told, "1234 5678 9012 3457") == "unknown"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"is_open": False}, "gate_closed"),
        ({"good_until": int(NOW)}, "list_too_old"),
        ({"keys": {}}, "unknown"),
    ],
)
def test_what_the_list_says_first(more: dict[str, Any], expected: str) -> None:
    assert answer(listed(line(7), **more), code(7)) == expected


def test_times_to_the_second_and_codes_of_before() -> None:
    told = listed(line(7))
    assert [answer(told, code(7), at=at) for at in (START - 1, START, END - 1)] == [
        "early",
        "passed",
        "passed",
    ]
    assert answer(listed(line(7), good_until=END + 9), code(7), at=END) == "expired"
    assert answer(told, code(7, nonce="a1-ffffffffffffffff")) == "void"
    assert answer(told, code(7)[:-2] + "AA") == "unknown"
    assert answer(told, "v1.nonsense") == "unknown"


def test_sold_after_the_list_was_made() -> None:
    assert answer(listed(), code(9)) == "not_on_list"
    assert answer(listed(trusts=True), code(9)) == "passed"
    assert answer(listed(trusts=True), code(9), used={9: 1}) == "used"
    assert answer(listed(trusts=True), code(9, product=4)) == "other_gate"


def test_a_time_code_of_now_and_a_picture() -> None:
    # given: RFC 6238 over SHA-256, by hand
    text = code(7, rotating=True)
    base = text.rpartition(".")[0]
    secret = hmac.new(bytes.fromhex("ab" * 32), base.encode(), hashlib.sha256).digest()

    def digits(at: float) -> str:
        digest = hmac.new(secret, int(at // 30).to_bytes(8, "big"), hashlib.sha256).digest()
        place = digest[-1] & 15
        return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 10**8:08d}"

    told = listed(line(7, flags="r"))
    assert answer(told, text) == "picture"
    assert answer(told, f"{text}.{digits(NOW - 90)}") == "picture"
    assert answer(told, f"{text}.{digits(NOW - 30)}") == "passed"
    assert answer(listed(line(7, flags="r"), secrets=[]), f"{text}.{digits(NOW)}") == "picture"


def test_a_list_of_somebody_else() -> None:
    text = json.dumps(listed())
    good = {"list": text, "signature": KEY.sign(text.encode()).hex(), "key": "a1"}
    assert proven(good, None)
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    assert not proven(good, {"a1": other})
    assert not proven({**good, "list": text + " "}, None)
    assert not proven({**good, "signature": "00"}, None)
    assert not proven({"list": "[]"}, None)


def test_the_control(control: SandboxClient) -> None:
    made = control.call("POST", "/gate/devices", {"code": "G1", "secret": "s", "url": "http://127.0.0.1:9"})
    assert (made["online"], made["listed"], made["waiting"]) == (True, 0, 0)
    assert control.call("POST", "/gate/network", {"code": "G1", "online": False})["online"] is False
    for deed, error in (("scan", "NO_LIST"), ("heartbeat", "OFFLINE"), ("list", "OFFLINE")):
        with pytest.raises(SandboxRefused) as refused:
            control.call("POST", f"/gate/{deed}", {"code": "G1", "text": "x"})
        assert refused.value.code == error
    with pytest.raises(SandboxRefused):
        control.call("POST", "/gate/network", {"code": "none", "online": True})
