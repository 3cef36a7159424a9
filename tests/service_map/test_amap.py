"""The adapter against the sandbox over real HTTP, and against answers that only the real one would give."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from pytest_socket import enable_socket

from plugins.service_map import breaker, lookup
from plugins.service_map.amap import Amap, provider, signature
from plugins.service_map.configuration import AmapConfig, configured
from plugins.service_map.models import GeocodeAnswer
from plugins.service_map.ports import NotConfigured, ProviderDown, ProviderLimit
from saleor_o2o.kernel import pace
from sandbox.client import SandboxClient
from sandbox.process import running


@pytest.fixture(scope="module")
def sandbox_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox-map")


@pytest.fixture(scope="module")
def sandbox_address(sandbox_folder: Path) -> Iterator[str]:
    enable_socket()
    with running(sandbox_folder) as url:
        yield url


@pytest.fixture
def control(sandbox_address: str, sandbox_folder: Path, settings: Any) -> Iterator[SandboxClient]:
    settings.SANDBOX_URL, settings.SANDBOX_DIR, settings.O2O_AMAP = sandbox_address, sandbox_folder, {}
    with SandboxClient(sandbox_address) as client:
        client.reset()
        breaker.close()
        yield client
        breaker.close()


def asked(control: SandboxClient) -> list[str]:
    return [one["infocode"] for one in control.call("GET", "/map/questions")["questions"]]


def test_three_questions(control: SandboxClient) -> None:
    # when
    found = provider().geocode("解放碑", "渝中区")
    described = provider().reverse(106.5690, 29.5528)
    spots = provider().search(106.577, 29.557, "", 2000)

    # then
    assert found is not None and described is not None
    assert (found.lng, found.lat, found.level, found.confidence) == (106.577033, 29.557236, "兴趣点", 0.9)
    assert (found.district, found.region_code) == ("渝中区", "500103")
    assert (described.district, described.township, described.region_code) == ("渝中区", "", "500103")
    assert [spot.name for spot in spots] == ["解放碑", "洪崖洞", "朝天门"]
    assert provider().geocode("查无此处", "渝中区") is None
    assert provider().reverse(100.0, 20.0) is None


FAULTS = [
    ("http_500", {"times": 2}, ProviderDown, "HTTP_500", 2),
    ("not_json", {}, ProviderDown, "NOT_JSON", 1),
    ("error", {"code": "10016"}, ProviderDown, "10016", 1),
    ("error", {"code": "10021"}, ProviderLimit, "10021", 1),
    ("error", {"code": "10044"}, ProviderLimit, "10044", 1),
    ("error", {"code": "10001"}, NotConfigured, "10001", 1),
    ("http_429", {}, ProviderLimit, "HTTP_429", 1),
]


@pytest.mark.parametrize(("kind", "params", "error", "detail", "times"), FAULTS)
def test_faults_are_told_apart(
    control: SandboxClient, kind: str, params: dict[str, Any], error: type[Exception], detail: str, times: int
) -> None:
    # given
    control.fault("geocode", kind, system="map", **params)

    # when
    with pytest.raises(error) as refused:
        provider().geocode("解放碑")

    # then: only what got no answer was asked twice
    assert refused.value.detail == detail  # type: ignore[attr-defined]
    assert len(asked(control)) == times


CODES = [
    *(
        (code, NotConfigured)
        for code in ("10002", "10005", "10006", "10008", "10009", "10012", "10013", "40002")
    ),
    *(
        (code, ProviderLimit)
        for code in ("10003", "10004", "10010", "10014", "10020", "10021", "10044", "40000")
    ),
    *((code, ProviderDown) for code in ("10016", "10017", "20003", "30000", "30001")),
    *((code, None) for code in ("20000", "20001", "20002", "20800")),
]


@pytest.mark.parametrize(("code", "error"), CODES)
def test_every_documented_refusal(control: SandboxClient, code: str, error: type[Exception] | None) -> None:
    # given
    control.fault("geocode", "error", system="map", code=code)

    # then
    if error is None:
        assert provider().geocode("解放碑") is None  # understood, and no answer to it
        return
    with pytest.raises(error) as told:
        provider().geocode("解放碑")
    assert told.value.detail == code  # type: ignore[attr-defined]
    assert provider()._config.key not in f"{told.value!r} {told.value}"


def test_one_broken_answer_is_asked_again(control: SandboxClient) -> None:
    # given
    control.fault("geocode", "http_500", system="map")

    # then
    assert provider().geocode("解放碑") is not None
    assert asked(control) == ["10000", "http_500"]


def test_nobody_there_and_no_key_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    # given
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot reach {request.url}")

    adapter = Amap(AmapConfig("https://restapi.amap.com", "my-key", "my-secret"), httpx.MockTransport(gone))

    # when
    with caplog.at_level(logging.DEBUG), pytest.raises(ProviderDown) as refused:
        adapter.geocode("渝中区中山四路 1 号")

    # then
    assert refused.value.message == "地图服务暂时不可用"
    assert "UNREACHABLE" in caplog.text
    assert not {"my-key", "my-secret", "中山四路"} & set(caplog.text.split()) and "my-key" not in caplog.text
    assert "my-key" not in repr(adapter._config)


STRANGE = [
    {"status": "1", "infocode": "10000", "geocodes": [{"location": [], "level": []}]},
    {"status": "1", "infocode": "10000", "geocodes": [{"location": "116.397,39.908", "level": "道路"}]},
    {"status": "1", "infocode": "10000", "geocodes": []},
    {"status": "1", "infocode": "10000", "geocodes": {}},
    {"status": "0", "infocode": "20800", "info": "OUT_OF_SERVICE"},
]


@pytest.mark.parametrize("body", STRANGE)
def test_what_is_no_place_in_the_city_is_not_found(body: dict[str, Any]) -> None:
    # given
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=body))

    # then
    assert Amap(AmapConfig("https://restapi.amap.com", "k", ""), transport).geocode("x") is None


def test_the_signature_of_the_documentation() -> None:
    # then: MD5 of the sorted questions and the private key, unescaped
    assert signature({"b": "2", "a": "重庆", "sig": "old"}, "key") == "0f7eb6e7f2c085da72cfdf8f442c2c73"


@pytest.mark.django_db
def test_an_address_is_asked_once(control: SandboxClient) -> None:
    # when
    places = [lookup.locate("解放碑", "渝中区") for _ in range(2)]
    misses = [lookup.locate("查无此处", "渝中区") for _ in range(2)]

    # then: and the kept question cannot be read
    assert places[0] == places[1] and places[0] is not None and misses == [None, None]
    assert asked(control) == ["10000", "10000"]
    assert "解放碑" not in "".join(GeocodeAnswer.objects.values_list("key", flat=True))


@pytest.mark.django_db
def test_a_failure_is_not_kept(control: SandboxClient) -> None:
    # given
    control.fault("geocode", "error", system="map", code="10016")

    # then
    with pytest.raises(ProviderDown):
        lookup.locate("解放碑")
    assert lookup.locate("解放碑") is not None


@pytest.mark.django_db
def test_a_silent_provider_is_left_alone_for_a_while(control: SandboxClient, monkeypatch: Any) -> None:
    # given
    control.fault("geocode", "error", times=None, system="map", code="10016")

    # when
    for number in range(breaker.FAILURES + 3):
        with pytest.raises(ProviderDown) as told:
            lookup.locate(f"解放碑 {number}")

    # then: it was not asked the last three times; what is kept is answered all the same
    assert told.value.detail == "RESTING_10016"
    assert len(asked(control)) == breaker.FAILURES
    control.clear_faults()
    with pytest.raises(ProviderDown):
        lookup.locate("解放碑")
    breaker.close()
    assert lookup.locate("解放碑") is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "error", "hint"),
    [("10044", ProviderLimit, "请明天再试"), ("10009", NotConfigured, "请联系系统管理员检查地图服务的 Key")],
)
def test_a_used_up_quota_and_a_refused_key_are_not_tried_again(
    control: SandboxClient, code: str, error: type[Exception], hint: str
) -> None:
    # given
    control.fault("geocode", "error", system="map", code=code)

    # when
    for _ in range(2):
        with pytest.raises(error) as told:
            lookup.locate("解放碑")

    # then
    assert len(asked(control)) == 1
    assert str(told.value.hint) == hint  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_public_has_a_quota_of_its_own(control: SandboxClient, settings: Any, monkeypatch: Any) -> None:
    # given: half past some minute
    moment = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)
    monkeypatch.setattr(pace, "now", lambda: moment)
    settings.O2O_MAP_PACE = {"ASKED": 0, "LOOKED_UP": 2, "LOOKED_UP_BY_ALL": 3}
    cache.clear()

    # when
    for number in range(2):
        lookup.locate(f"解放碑 {number}", asker="net:192.0.2.1")

    # then: one asker's end, then everybody's
    with pytest.raises(ProviderLimit) as own:
        lookup.locate("解放碑 3", asker="net:192.0.2.1")
    assert (str(own.value.hint), own.value.retry_after) == ("请 30 秒后再试", 30)
    assert lookup.locate("解放碑 1", asker="net:192.0.2.1") is not None  # kept
    lookup.locate("解放碑 4", asker="net:192.0.2.2")
    with pytest.raises(ProviderLimit):
        lookup.locate("解放碑 5", asker="net:192.0.2.3")
    assert lookup.locate("解放碑 6") is not None  # staff
    monkeypatch.setattr(pace, "now", lambda: moment + timedelta(seconds=30))
    assert lookup.locate("解放碑 3", asker="net:192.0.2.1") is not None


def test_no_key_no_map(settings: Any) -> None:
    # given
    settings.O2O_AMAP, settings.SANDBOX_URL = {}, ""

    # then
    assert not configured()
    settings.O2O_AMAP = {"KEY": "k", "BASE_URL": "http://127.0.0.1:1"}
    assert configured()
    settings.O2O_SANDBOX_ALLOWED = False
    assert not configured()
    settings.O2O_AMAP = {"KEY": "k"}
    assert configured()
