"""The one place that touches ``wechatpayv3``: its traps are closed here.

- the gateway address is a constant in its core: set to the account's;
- it takes one key of WeChat's, or fetches certificates in its constructor: ours has all keys of the account, chosen by
  the serial of each answer; an unknown certificate is fetched anew, once a minute at most;
- no timeout by default: (connect, read) = (3, 10) seconds;
- it checks no timestamp: an answer older than 300 seconds says nothing;
- bare ``Exception`` for anything unverifiable: told apart as "no usable answer";
- an answer whose signature is wrong says nothing: the caller must ask again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from cryptography.exceptions import UnsupportedAlgorithm
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.utils import aes_decrypt, load_certificate, load_public_key, rsa_verify

from saleor_o2o.cashier.error_codes import CashierErrorCode
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.ports import ProviderRefused, ProviderUnknown

from .keyring import Keyring, keyring_of

TIMEOUT = (3, 10)
#: Seconds that an answer's own clock may differ from ours (WeChat's rule for signatures).
WINDOW = 300
#: Seconds between two fetches of the certificates of one account for serials that nobody knows.
REFETCH_AFTER = 60.0
SCHEME = "WECHATPAY2-SHA256-RSA2048"

_lock = threading.Lock()
_clients: dict[int, tuple[Keyring, Api]] = {}


class _Core(Core):
    """The library's core with every key of one account."""

    def __init__(self, ring: Keyring) -> None:
        self._ring = ring
        self._fetched_at = 0.0
        newest = ring.public_keys[0] if ring.public_keys else (None, None)
        super().__init__(
            mchid=ring.mchid,
            cert_serial_no=ring.serial,
            private_key=ring.private_key,
            apiv3_key=ring.apiv3_keys[0],
            timeout=TIMEOUT,
            public_key=newest[1],
            public_key_id=newest[0],
        )
        self._gate_way = ring.base_url
        self._public = {serial: load_public_key(pem) for serial, pem in ring.public_keys}
        self._certificates = [load_certificate(pem) for _serial, pem in ring.certificates]

    def _init_certificates(self) -> None:
        """Nothing is fetched while a client is made."""

    def _update_certificates(self) -> None:
        """Fetch WeChat's certificates and remember them, old and new; at most once a minute."""
        if time.monotonic() - self._fetched_at < REFETCH_AFTER and self._fetched_at:
            return
        self._fetched_at = time.monotonic()
        code, text = self.request("/v3/certificates", skip_verify=True)
        if code != 200:
            return
        found: list[tuple[Any, str]] = []
        for one in json.loads(text).get("data", []):
            sealed = one.get("encrypt_certificate") or {}
            pem = self.unseal(sealed)
            certificate = load_certificate(pem) if pem else None
            # Sealed with our APIv3 key and of the serial it was offered under: nobody else's.
            if (
                pem
                and certificate is not None
                and f"{certificate.serial_number:X}" == str(one.get("serial_no"))
            ):
                found.append((certificate, pem))
        known = {certificate.serial_number for certificate in self._certificates}
        self._certificates += [one for one, _pem in found if one.serial_number not in known]
        from .services.keys import remember_certificates

        remember_certificates(self._ring.pk, [(f"{one.serial_number:X}", pem, one) for one, pem in found])

    def unseal(self, sealed: Mapping[str, Any]) -> str | None:
        """What was sealed with one of the account's APIv3 keys; None when none fits."""
        if sealed.get("algorithm") != "AEAD_AES_256_GCM":
            return None
        for key in self._ring.apiv3_keys:
            try:
                plain: str | None = aes_decrypt(
                    nonce=str(sealed.get("nonce", "")),
                    ciphertext=str(sealed.get("ciphertext", "")),
                    associated_data=str(sealed.get("associated_data") or ""),
                    apiv3_key=key,
                )
            except ValueError:  # no base64, an impossible nonce
                return None
            if plain is not None:
                return plain
        return None

    def verified(self, headers: Mapping[str, str], body: str) -> bool:
        """True when one of WeChat's keys that the headers name has signed this; the clock is the caller's question."""
        signature = headers.get("Wechatpay-Signature", "")
        if headers.get("Wechatpay-Signature-Type", SCHEME) != SCHEME or not signature:
            return False
        key = self._key_of(headers.get("Wechatpay-Serial", ""))
        return key is not None and bool(
            rsa_verify(
                headers.get("Wechatpay-Timestamp", ""),
                headers.get("Wechatpay-Nonce", ""),
                body,
                signature,
                key,
            )
        )

    def _key_of(self, serial: str) -> Any:
        if serial in self._public:
            return self._public[serial]
        if not serial.isalnum():  # an unknown PUB_KEY_ID_ can be fetched nowhere
            return None
        for _round in range(2):
            for certificate in self._certificates:
                if f"{certificate.serial_number:X}" == serial.upper():
                    return certificate.public_key()
            if _round == 0:
                if self._public and not self._certificates:
                    return None  # public-key mode: there are no certificates to fetch
                self._update_certificates()
        return None

    def _verify_signature(self, headers: Mapping[str, str], body: str | bytes) -> bool:
        try:
            age = abs(time.time() - int(headers.get("Wechatpay-Timestamp", "")))
        except ValueError:
            return False
        text = body if isinstance(body, str) else body.decode()
        return age <= WINDOW and self.verified(headers, text)


class Api:
    """One account at WeChat Pay: the library's client, its core, and the keys it was made of."""

    def __init__(self, ring: Keyring) -> None:
        """Raises CashierError NOT_CONFIGURED for keys that nothing can be signed or verified with."""
        self.ring = ring
        try:
            self.core = _Core(ring)
        except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm) as error:
            raise CashierError(CashierErrorCode.NOT_CONFIGURED) from error
        made = WeChatPay.__new__(WeChatPay)
        made._type, made._mchid, made._appid = WeChatPayType.NATIVE, ring.mchid, ring.appid
        made._notify_url, made._partner_mode, made._core = ring.notify_url, False, self.core
        made._logger = None
        self.pay: Any = made

    def ready_to_encrypt(self) -> None:
        """Have a key of WeChat's at hand. Raises ProviderUnknown NO_PLATFORM_CERTIFICATE."""
        if not self.ring.public_keys and not self.core._certificates:
            call(lambda: _fetch(self.core))
        if not self.ring.public_keys and not self.core._certificates:
            raise ProviderUnknown("NO_PLATFORM_CERTIFICATE")


def _fetch(core: _Core) -> tuple[int, str]:
    core._fetched_at = 0.0
    core._update_certificates()
    return 204, ""


def api_of(code: str, *, for_new_payment: bool = False) -> Api:
    """A client for an account as it is now; made anew when its keys change, without a restart.

    Raises CashierError NOT_CONFIGURED.
    """
    ring = keyring_of(code, for_new_payment=for_new_payment)
    with _lock:
        known = _clients.get(ring.pk)
    if known is not None and known[0] == ring:
        return known[1]
    made = Api(ring)  # parsing keys takes a tenth of a second: once per change
    with _lock:
        _clients[ring.pk] = (ring, made)  # an older ring's keys are not kept
    return made


def call(operation: Callable[[], tuple[int, Any]]) -> dict[str, Any]:
    """Run one library call and give its JSON.

    Raises ProviderRefused for a 4xx with WeChat's code, ProviderUnknown for everything that leaves the outcome open:
    no answer, 5xx, 429, 202, an answer that is not signed by WeChat or is not JSON.
    """
    status, text = fetch(operation)
    if status == 204:
        return {}
    try:
        data = json.loads(text) if text else {}
    except ValueError as error:
        raise ProviderUnknown("NOT_JSON") from error
    if not isinstance(data, dict):
        raise ProviderUnknown("NOT_JSON")
    if 200 <= status < 300 and status != 202:
        return data
    code = str(data.get("code", f"HTTP_{status}"))[:64]
    if status >= 500 or status in (202, 429):
        raise ProviderUnknown(code)
    raise ProviderRefused(code, str(data.get("message", ""))[:200])


def fetch(operation: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
    """Run one library call and give status and body. Raises ProviderUnknown where there is no usable answer."""
    try:
        return operation()
    except requests.Timeout as error:
        raise ProviderUnknown("TIMEOUT") from error
    except requests.RequestException as error:
        raise ProviderUnknown("UNREACHABLE") from error
    except (CashierError, ProviderUnknown, ProviderRefused):
        raise
    except Exception as error:  # bare ones of the library: signature, headers, unknown key id
        raise ProviderUnknown("UNVERIFIABLE_ANSWER") from error
