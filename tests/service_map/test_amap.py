"""The adapter against the sandbox over real HTTP, and against answers that only the real one would give."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_socket import enable_socket

from plugins.service_map import lookup
from plugins.service_map.amap import Amap, provider, signature
from plugins.service_map.configuration import AmapConfig, configured
from plugins.service_map.models import GeocodeAnswer
from plugins.service_map.ports import NotConfigured, ProviderDown, ProviderLimit
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
        yield client


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
def test_the_public_has_a_quota_of_its_own(control: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(lookup, "PER_MINUTE", 2)
    lookup.cache.clear()

    # then
    for number in range(2):
        lookup.locate(f"解放碑 {number}", limited=True)
    with pytest.raises(ProviderLimit):
        lookup.locate("解放碑 3", limited=True)
    assert lookup.locate("解放碑 1", limited=True) is not None  # kept
    assert lookup.locate("解放碑 4") is not None  # staff


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
