"""验票 with a phone's camera whose browser reads no codes by itself (iPhones, Firefox): our own reader does, hashed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import segno
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Route, sync_playwright
from pytest_socket import enable_socket
from saleor.account.models import User

from plugins.ticketing.admission.models import Redemption
from saleor_o2o.backoffice.built import built_script
from saleor_o2o.cli.errors import CommandError
from saleor_o2o.cli.h5 import DIST, build
from saleor_o2o.journeys.browser import find_chromium, must_have_browser

from .conftest import World
from .test_redeeming import qr

CHROMIUM = find_chromium()
VERIFY = "admin:o2o_admission_scan_verify"


def film(path: Path, text: str, width: int = 640, height: int = 480) -> None:
    """A second of somebody holding a QR code before the camera, as the browser's pretended camera plays it (Y4M)."""
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(scale=5, border=4))
    top, side = (height - len(rows)) // 2, (width - len(rows[0])) // 2
    assert top >= 0 and side >= 0
    light = bytearray(b"\xd0" * (width * height))
    for y, row in enumerate(rows):
        start = (top + y) * width + side
        light[start : start + len(row)] = bytes(16 if dark else 235 for dark in row)
    frame = b"FRAME\n" + bytes(light) + b"\x80" * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 10)


def test_nothing_is_loaded_before_it_is_built(tmp_path: Path, settings: Any, world: World) -> None:
    # given
    settings.STATIC_ROOT = str(tmp_path)
    client = Client()
    client.force_login(world.clerk)

    # when, then: nothing built, a broken list, a list without it; the page works all the same
    assert built_script("src/qrReader.ts") == ""
    (tmp_path / "h5").mkdir()
    for text in ("{", "[]", "{}"):
        (tmp_path / "h5" / "chunks.json").write_text(text)
        assert built_script("src/qrReader.ts") == ""
    assert 'data-reader=""' in client.get(reverse(VERIFY)).content.decode()
    (tmp_path / "h5" / "chunks.json").write_text(json.dumps({"src/qrReader.ts": {"file": "assets/q-1.js"}}))
    assert built_script("src/qrReader.ts") == "/static/h5/assets/q-1.js"


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None and not must_have_browser(), reason="没有找到 Chromium")
def test_a_camera_whose_browser_reads_no_codes(
    world: World, live_server: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    enable_socket()
    try:
        build()
    except CommandError as error:
        if must_have_browser():
            raise
        pytest.skip(f"手机页面没有构建：{error}")
    settings.STATIC_ROOT = str(DIST)
    voucher = world.voucher()
    film(tmp_path / "code.y4m", qr(voucher))
    client = Client()
    clerk: User = world.clerk
    client.force_login(clerk)
    loaded: list[str] = []

    def ours(route: Route) -> None:
        loaded.append(route.request.url.rpartition("/")[2])
        route.fulfill(path=DIST / route.request.url.partition("/static/")[2])

    with sync_playwright() as driver:
        options = [
            "--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage", "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={tmp_path / 'code.y4m'}",
        ]  # fmt: skip
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        page = chromium.new_page(locale="zh-CN", timezone_id="Asia/Shanghai")
        page.set_default_timeout(30_000)
        page.add_init_script("delete window.BarcodeDetector")
        page.route("**/static/h5/**", ours)
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))

        # when
        page.goto(live_server.url + reverse(VERIFY))
        before = list(loaded)
        page.locator("#start").click()
        page.locator("#answer[data-answer=passed]").wait_for()
        said = page.locator("#words").inner_text()
        page.locator("#next").click()
        page.locator("#answer[data-answer=used]").wait_for()
        chromium.close()

    # then: read, let in once, told so the second time; the reader came when it was needed
    assert before == [] and loaded[0].startswith("qrReader-")
    assert said == "通过 1 人" and Redemption.objects.get().operator == clerk
    assert complaints == []


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None and not must_have_browser(), reason="没有找到 Chromium")
def test_who_looks_first_confirms_where_the_thumb_is(
    world: World, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a ticket for three, and a telephone whose clerk looks before anything is counted
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    enable_socket()
    voucher = world.voucher(world.family, 3)
    client = Client()
    client.force_login(world.clerk)
    seen: list[tuple[str, str, int]] = []

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"]
        )
        page = chromium.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
        page.set_default_timeout(30_000)
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + reverse(VERIFY))
        page.locator("#first").check()
        page.locator("summary").click()

        def looked(people: int) -> None:
            page.locator("#people").fill(str(people))
            page.locator("#text").fill(qr(voucher))
            page.locator("form button[type=submit]").click()
            page.locator("#answer[data-answer=looked]").wait_for()
            words, back = page.locator("#words").inner_text(), page.locator("#next").inner_text()
            seen.append((words, back, Redemption.objects.count()))

        # when: looked at and left alone; then looked at and confirmed, all of it on one screen
        looked(3)
        page.locator("#next").click()
        looked(2)
        box = page.locator("#confirm").bounding_box()
        assert box is not None and box["y"] + box["height"] < 844
        assert not page.locator("#asking").is_visible()
        page.keyboard.press("Enter")
        page.locator("#answer[data-answer=passed]").wait_for()
        said, after = page.locator("#words").inner_text(), page.locator("#next").inner_text()
        assert not page.locator("#confirm").is_visible()
        chromium.close()

    # then: nothing is counted before
    assert seen == [
        ("可放行 3 人，还没有核销", "不核销，返回", 0),
        ("可放行 2 人，还没有核销", "不核销，返回", 0),
    ]
    assert (said, after) == ("通过 2 人", "下一位")
    assert [one.quantity for one in Redemption.objects.all()] == [2]
