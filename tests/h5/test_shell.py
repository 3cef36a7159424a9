"""The shell of the pages and its service worker, as the platform sends them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

SHELL = "<!doctype html><title>渝邮生活</title>"


@pytest.fixture
def built(tmp_path: Path, settings: LazySettings) -> Path:
    """A built and collected shell."""
    folder = tmp_path / "h5"
    folder.mkdir()
    (folder / "index.html").write_text(SHELL, encoding="utf-8")
    (folder / "sw.js").write_text("self;", encoding="utf-8")
    settings.STATIC_ROOT = str(tmp_path)
    return folder


@pytest.mark.parametrize("address", ["", "cart", "orders/202611290101000012133", "products/UHJvZHVjdDo2Nw=="])
def test_every_address_is_the_same_shell(client: Client, built: Path, address: str) -> None:
    # when
    answer = client.get(f"/h5/{address}")

    # then
    assert (answer.status_code, answer.content.decode()) == (200, SHELL)


def test_only_our_own_scripts_run(client: Client, built: Path) -> None:
    # when
    answer = client.get("/h5/")

    # then
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"


def test_wechats_own_buttons_stand_in_wechat_alone(client: Client, built: Path) -> None:
    # when
    agents = {"else": "Mozilla/5.0", "inside": "Mozilla/5.0 MicroMessenger/8.0.50"}
    policies = {
        name: client.get("/h5/", headers={"user-agent": agent})["Content-Security-Policy"]
        for name, agent in agents.items()
    }

    # then: a frame of WeChat's, and no script of anybody's
    assert "frame-src" not in policies["else"]
    assert policies["inside"] == f"{policies['else']}; frame-src https://*.qq.com webcompt:"


def test_the_cashier_of_wechat_sees_where_a_payer_comes_from(client: Client, built: Path) -> None:
    # then: not "no-referrer", with which WeChat's H5 cashier refuses
    assert client.get("/h5/")["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize("address", ["/h5/", "/h5/sw.js"])
def test_it_is_asked_for_anew_and_sent_when_it_changed(client: Client, built: Path, address: str) -> None:
    # given
    first = client.get(address)

    # when
    again = client.get(address, headers={"if-none-match": first["ETag"]})

    # then
    assert "no-cache" in first["Cache-Control"]
    assert again.status_code == 304


def test_a_file_that_is_not_there_is_no_page(client: Client, built: Path) -> None:
    # then: a picture or script that is gone must not be answered with a page
    assert client.get("/h5/assets/gone-12345678.js").status_code == 404


def test_the_worker_is_a_script(client: Client, built: Path) -> None:
    # when
    answer = client.get("/h5/sw.js")

    # then
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")


def test_before_it_is_built_it_says_so(client: Client, tmp_path: Path, settings: LazySettings) -> None:
    # given
    settings.STATIC_ROOT = str(tmp_path)

    # then
    assert client.get("/h5/").status_code == 503
    assert client.get("/h5/sw.js").status_code == 404


def test_pages_are_read_only(client: Client, built: Path) -> None:
    # then
    assert client.post("/h5/").status_code == 405
