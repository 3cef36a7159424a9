"""The pretended map: key, signature, answers in the provider's form, quota and faults."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.client import SandboxClient
from sandbox.map.keys import ensure_application


class Caller:
    """An application that signs as the documentation says."""

    def __init__(self, directory: Path, url: str) -> None:
        known = json.loads((directory / "map" / "application.json").read_text())
        self.key, self.secret, self.url = known["key"], known["secret"], f"{url}/map"

    def ask(self, path: str, **values: str) -> httpx.Response:
        asked = {"key": self.key, **values}
        text = "&".join(f"{name}={asked[name]}" for name in sorted(asked))
        sig = (
            values.get("sig") or hashlib.md5((text + self.secret).encode(), usedforsecurity=False).hexdigest()
        )
        return httpx.get(f"{self.url}{path}", params={**asked, "sig": sig}, trust_env=False)

    def code(self, path: str, **values: str) -> str:
        return str(self.ask(path, **values).json()["infocode"])


@pytest.fixture
def caller(sandbox_url: str, sandbox_directory: Path, control: SandboxClient) -> Caller:
    return Caller(sandbox_directory, sandbox_url)


def test_an_address_is_found_the_same_way_twice(caller: Caller) -> None:
    # when
    first, second = (
        caller.ask("/v3/geocode/geo", address="重庆市渝中区民权路 28 号", city="重庆市").json()
        for _ in range(2)
    )

    # then: empty values are lists
    assert first == second and (first["status"], first["count"]) == ("1", "1")
    [found] = first["geocodes"]
    assert (found["district"], found["adcode"], found["level"]) == ("渝中区", "500103", "门牌号")
    assert found["township"] == [] and found["building"] == {"name": [], "type": []}
    lng, lat = map(float, found["location"].split(","))
    assert abs(lng - 106.569) < 0.03 and abs(lat - 29.5528) < 0.03


@pytest.mark.parametrize(
    ("address", "level"),
    [("渝中区", "区县"), ("渝中区解放碑", "兴趣点"), ("渝中区民权路", "道路"), ("渝中区七星岗", "乡镇")],
)
def test_levels(caller: Caller, address: str, level: str) -> None:
    # then
    assert caller.ask("/v3/geocode/geo", address=address).json()["geocodes"][0]["level"] == level


@pytest.mark.parametrize("address", ["渝中区查无此处 1 号", "海淀区中关村"])
def test_what_it_does_not_know(caller: Caller, address: str) -> None:
    # then
    answer = caller.ask("/v3/geocode/geo", address=address).json()
    assert (answer["status"], answer["count"], answer["geocodes"]) == ("1", "0", [])


def test_what_stands_somewhere(caller: Caller) -> None:
    # when
    near = caller.ask("/v3/geocode/regeo", location="106.570,29.553").json()["regeocode"]
    far = caller.ask("/v3/geocode/regeo", location="100.0,20.0").json()["regeocode"]

    # then
    assert near["addressComponent"]["district"] == "渝中区" and near["addressComponent"]["township"] == []
    assert far["formatted_address"] == []


def test_places_around(caller: Caller) -> None:
    # when
    answer = caller.ask("/v3/place/around", location="106.577,29.557", keywords="", radius="2000").json()

    # then
    assert [one["name"] for one in answer["pois"]] == ["解放碑", "洪崖洞", "朝天门"]
    assert int(answer["pois"][1]["distance"]) == 625


def test_key_and_signature(caller: Caller) -> None:
    # then
    assert caller.code("/v3/geocode/geo", address="渝中区", key="0" * 32) == "10001"
    assert caller.code("/v3/geocode/geo", address="渝中区", sig="0" * 32) == "10007"
    assert caller.code("/v3/geocode/geo", address="渝中区", sig="号") == "10007"
    assert caller.code("/v3/geocode/geo") == "20001"
    assert caller.code("/v3/geocode/regeo", location="106") == "20000"
    assert caller.code("/v3/place/around", location="106.5,29.5", radius="much") == "20000"


def test_the_daily_quota(caller: Caller, control: SandboxClient) -> None:
    # given
    control.call("POST", "/map/options", {"quota": 2})

    # then
    assert [caller.code("/v3/geocode/geo", address="渝中区") for _ in range(3)] == ["10000", "10000", "10044"]
    control.set_clock(offset_seconds=86400)
    assert caller.code("/v3/geocode/geo", address="渝中区") == "10000"


@pytest.mark.parametrize(
    ("kind", "params", "status"),
    [("http_500", {}, 500), ("http_429", {}, 429), ("not_json", {}, 200), ("error", {"code": "10021"}, 200)],
)
def test_faults(
    caller: Caller, control: SandboxClient, kind: str, params: dict[str, Any], status: int
) -> None:
    # given
    control.fault("geocode", kind, system="map", **params)

    # when
    answer = caller.ask("/v3/geocode/geo", address="渝中区")

    # then: once, and only there
    assert answer.status_code == status
    if kind == "error":
        assert answer.json() == {"status": "0", "info": "CUQPS_HAS_EXCEEDED_THE_LIMIT", "infocode": "10021"}
    assert caller.code("/v3/geocode/geo", address="渝中区") == "10000"
    asked = control.call("GET", "/map/questions")["questions"]
    assert [one["infocode"] for one in asked] == ["10000", "10021" if kind == "error" else kind]


def test_pages(caller: Caller, sandbox_url: str) -> None:
    # given
    caller.ask("/v3/geocode/geo", address="渝中区解放碑")

    # then
    assert "渝中区解放碑" in httpx.get(f"{sandbox_url}/map/", trust_env=False).text
    assert "地图（高德 Web 服务）" in httpx.get(f"{sandbox_url}/", trust_env=False).text


def test_one_key_per_directory(tmp_path: Path) -> None:
    # then
    assert ensure_application(tmp_path / "map") == ensure_application(tmp_path / "map")
    assert (tmp_path / "map" / "application.json").stat().st_mode & 0o777 == 0o600
