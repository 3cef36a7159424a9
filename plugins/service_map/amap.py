"""高德 over HTTP (Web 服务 API v3): signed questions, and answers read with suspicion.

- an empty value arrives as `[]`, whatever its type is otherwise;
- HTTP 200 says nothing: `status` is "1" for an answer, else `infocode` tells why;
- every question is a read: what got no answer may be asked again, once, when the connection broke or timed out.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

import httpx

from plugins.org_hierarchy.interfaces import OrgError, check_position
from saleor_o2o.kernel.tls import verified

from .configuration import AmapConfig, load
from .ports import Described, Located, NotConfigured, ProviderDown, ProviderLimit, Spot
from .regions import city_name

logger = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(3.0, connect=2.0)
TRIES = 2

#: The key is missing, wrong, of another kind, or its signature or address list says no.
_REFUSED = {
    "10001", "10002", "10005", "10006", "10007", "10008", "10009", "10011", "10012", "10013", "10026", "10041", "40002",
}  # fmt: skip
_OUT_FOR_TODAY = {"10003", "10010", "10044", "40000", "40003"}
_TOO_FAST = {"10004", "10014", "10015", "10019", "10020", "10021", "10029", "10045"}
#: Its own trouble though the code begins as a refusal of the question does.
_TROUBLE = {"10016", "10017", "20003"}

#: How exactly an address was matched, in 高德's words, as a confidence.
CONFIDENCE = {
    "门牌号": 0.95, "单元号": 0.95, "楼栋": 0.95, "兴趣点": 0.9, "村庄": 0.7, "热点商圈": 0.6, "道路交叉路口": 0.6,
    "道路": 0.5, "公交站台、地铁站": 0.6, "公交地铁站点": 0.6, "乡镇": 0.3, "开发区": 0.3, "区县": 0.1,
}  # fmt: skip


class Amap:
    """The adapter; one per configuration."""

    def __init__(self, config: AmapConfig, transport: httpx.BaseTransport | None = None) -> None:
        self._config = config
        self._http = httpx.Client(timeout=TIMEOUT, transport=transport, trust_env=False, verify=verified())

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def geocode(self, address: str, district: str = "") -> Located | None:
        """Where an address is. Answers outside the city count as not found."""
        whole = f"{district}{address}" if district and district not in address else address
        data = self._ask("/v3/geocode/geo", {"address": whole, "city": city_name()})
        for found in _list(data.get("geocodes")):
            place = _position(found.get("location"))
            if place is not None:
                level = _text(found.get("level"))
                return Located(
                    *place, level, CONFIDENCE.get(level, 0.4), _text(found.get("formatted_address")),
                    _text(found.get("district")), _text(found.get("adcode")),
                )  # fmt: skip
        return None

    def reverse(self, lng: float, lat: float) -> Described | None:
        """What stands at a position."""
        data = self._ask("/v3/geocode/regeo", {"location": f"{lng:.6f},{lat:.6f}", "extensions": "base"})
        found = data.get("regeocode")
        if not isinstance(found, Mapping):
            return None
        parts = found.get("addressComponent")
        parts = parts if isinstance(parts, Mapping) else {}
        address = _text(found.get("formatted_address"))
        if not address:
            return None
        return Described(
            address, _text(parts.get("district")), _text(parts.get("township")), _text(parts.get("adcode"))
        )

    def search(self, lng: float, lat: float, keyword: str, metres: int) -> list[Spot]:
        """Places around a position, nearest first."""
        asked = {
            "location": f"{lng:.6f},{lat:.6f}", "keywords": keyword, "radius": str(metres), "sortrule": "distance",
            "offset": "20", "page": "1", "extensions": "base",
        }  # fmt: skip
        found = []
        for row in _list(self._ask("/v3/place/around", asked).get("pois")):
            place = _position(row.get("location"))
            distance = _text(row.get("distance"))
            if place is not None and _text(row.get("name")):
                metres_away = int(distance) if distance.isdigit() else 0
                found.append(Spot(_text(row.get("name")), _text(row.get("address")), *place, metres_away))
        return found

    def _ask(self, path: str, values: dict[str, str]) -> Mapping[str, Any]:
        asked = {**values, "key": self._config.key, "output": "JSON"}
        if self._config.secret:
            asked["sig"] = signature(asked, self._config.secret)
        for attempt in range(1, TRIES + 1):
            try:
                answer = self._http.get(f"{self._config.base_url}{path}", params=asked)
            except httpx.TimeoutException:
                detail = "TIMEOUT"
            except httpx.HTTPError:
                detail = "UNREACHABLE"
            else:
                if answer.status_code < 500:
                    return _read(answer)
                detail = f"HTTP_{answer.status_code}"
            logger.warning("map provider: %s on %s, attempt %d", detail, path, attempt)
        raise ProviderDown(detail)


def signature(values: Mapping[str, str], secret: str) -> str:
    """MD5 of the questions in the order of their names, as text, with the secret behind them."""
    text = "&".join(f"{name}={values[name]}" for name in sorted(values) if name != "sig")
    return hashlib.md5((text + secret).encode(), usedforsecurity=False).hexdigest()


def provider() -> Amap:
    """The adapter for the configuration as it is now. Raises NotConfigured."""
    config = load()
    if config not in _made:
        for old in list(_made):  # an older key is not kept
            _made.pop(old).close()
        _made[config] = Amap(config)
    return _made[config]


_made: dict[AmapConfig, Amap] = {}


def _read(answer: httpx.Response) -> Mapping[str, Any]:
    if answer.status_code == 429:
        raise ProviderLimit("HTTP_429", for_the_day=False)
    try:
        data = answer.json()
    except ValueError:
        raise ProviderDown("NOT_JSON") from None
    if not isinstance(data, dict):
        raise ProviderDown("NOT_JSON")
    code = str(data.get("infocode", ""))
    if str(data.get("status")) == "1" and code in ("10000", ""):
        return data
    if code in _OUT_FOR_TODAY:
        raise ProviderLimit(code, for_the_day=True)
    if code in _TOO_FAST:
        raise ProviderLimit(code, for_the_day=False)
    if code in _REFUSED:
        logger.error("map provider refuses our key: infocode %s", code)
        raise NotConfigured(code)
    if code in _TROUBLE or not code.startswith("2"):
        raise ProviderDown(code or f"HTTP_{answer.status_code}")
    # 2xxxx: it understood and has no answer to this address; 3xxxx is its engine's trouble, above
    return {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _position(value: Any) -> tuple[float, float] | None:
    lng, comma, lat = _text(value).partition(",")
    if not comma:
        return None
    try:
        return check_position(lng, lat)
    except OrgError:
        return None
