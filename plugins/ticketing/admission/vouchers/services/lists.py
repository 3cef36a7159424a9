"""What a device keeps to work without a network: who may come in at its gate, signed, so that nobody edits it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from plugins.ticketing.kernel.choices import GONE
from plugins.ticketing.kernel.models import Ticket
from saleor_o2o.kernel.clock import now

from ...choices import ProductKind
from ...models import Device, Redemption, Voucher
from .. import codes
from ..moving import ALIVE
from .keys import Key, public_keys, secret_of, signing_key

#: Vouchers that are good within this time are on the list.
AHEAD = timedelta(hours=36)
#: A list is worth nothing later.
GOOD = timedelta(hours=24)
MOST = 50_000


def list_for(device: Device) -> dict[str, Any]:
    """`{"list": text, "signature": hex, "key": code}`: the text is JSON, signed as it is.

    In it: `vouchers`: [key, digest of the short code, nonce, uses left, from, until, product, session, flags (r:
    rotating, d: document, w: whole)]; `keys` to prove signed codes; `secrets` of the time codes of its sessions, by
    key, product and session. Statements do not grow with the vouchers.
    """
    moment = now()
    rows = list(_rows(device, moment)[:MOST])
    been = _been_here(device, rows)
    digest_key = digest_key_of(device)
    key = signing_key()
    told = {
        "device": device.code,
        "made_at": codes.seconds(moment),
        "good_until": codes.seconds(moment + GOOD),
        "is_open": device.is_open,
        "direction": device.direction,
        "trusts": device.trusts,
        "products": sorted(_products(device)),
        "keys": public_keys(),
        "secrets": list(_secrets(rows)),
        "vouchers": [_line(row, digest_key, been) for row in rows],
    }
    text = json.dumps(told, separators=(",", ":"), sort_keys=True)
    Device.objects.filter(pk=device.pk).update(list_at=moment)
    return {"list": text, "signature": key.private.sign(text.encode()).hex(), "key": key.code}


def digest_key_of(device: Device) -> bytes:
    """The key of the short codes' digests on a device's list: a list that got out tells nobody the codes."""
    return hmac.new(device.secret.encode(), b"list", hashlib.sha256).digest()


def digest(key: bytes, short: str) -> str:
    """How a short code stands on the list."""
    return hmac.new(key, short.encode(), hashlib.sha256).hexdigest()[:24]


def _rows(device: Device, moment: datetime) -> Any:
    return (
        Voucher.objects.filter(
            product__in=_products(device), void_at=None, valid_until__gt=moment, valid_from__lt=moment + AHEAD
        )
        # of paper tickets only what lies printed, by the paper's own code
        .filter(Q(on_paper="") | Q(papered_at__isnull=False))
        .filter(Q(session=None) | Q(session__gates=None) | Q(session__gates=device.gate_id))
        # a combined ticket counts its most used place, which may be another one than this
        .filter(Q(unlimited=True) | Q(used__lt=F("uses")) | Q(out__gt=0) | Q(product__kind=ProductKind.COMBO))
        .filter(Exists(_tickets(state__in=ALIVE)))
        .annotate(
            going_left=_sum(F("uses") - F("back") - F("used")),
            going=_sum(F("uses") - F("back")),
        )
        .select_related("product")
        .distinct()
        .order_by("pk")
    )


def _tickets(**told: Any) -> Any:
    return Ticket.objects.filter(vouchers=OuterRef("pk"), **told)


def _sum(people: Any) -> Any:
    """Of a voucher's tickets those that let nobody in now and may again: on their way back, or to another day."""
    rows = _tickets().exclude(state__in=(*ALIVE, *GONE)).order_by().values("vouchers").annotate(n=Sum(people))
    return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), Value(0))


def _products(device: Device) -> set[int]:
    from ...models import AdmissionProduct

    gate = device.gate
    here = Q(venue=gate.venue_id) if gate.venue_id else Q(spot=gate.spot_id) | Q(spots=gate.spot_id)
    return set(AdmissionProduct.objects.filter(here).values_list("pk", flat=True))


def _been_here(device: Device, rows: list[Voucher]) -> dict[int, int]:
    """How many of combined tickets' people have been in the place of a device."""
    several = [row.pk for row in rows if row.product.kind == ProductKind.COMBO]
    if not several:
        return {}
    here = Redemption.objects.filter(voucher__in=several, gate__spot=device.gate.spot_id).order_by()
    return {key: int(n) for key, n in here.values_list("voucher").annotate(Sum("quantity"))}


def _line(row: Any, key: bytes, been: dict[int, int]) -> list[Any]:
    flags = ("r" if row.rotating else "") + ("d" if row.needs_document else "")
    flags += {"whole": "w"}.get(row.verify_mode, "")
    left = row.uses - row.going if row.unlimited else row.left - row.going_left
    if row.product.kind == ProductKind.COMBO:
        left = row.uses - row.going - been.get(row.pk, 0)
    return [
        row.pk, digest(key, row.code), row.nonce, max(0, left), codes.seconds(row.valid_from),
        codes.seconds(row.valid_until), row.product_id, row.session_id or 0, flags,
    ]  # fmt: skip


def _secrets(rows: list[Voucher]) -> Iterator[list[Any]]:
    from .keys import key_of

    wanted = {
        (row.nonce.partition("-")[0], row.product_id, row.session_id or 0) for row in rows if row.rotating
    }
    for code, product, session in sorted(wanted):
        key: Key | None = key_of(code)
        if key is not None:
            yield [code, product, session, secret_of(key, product, session).hex()]
