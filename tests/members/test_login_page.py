"""扫码登录: a shell that knows nothing; the code is a picture, the secret is not in it."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.test import Client

from .asking import ask

pytestmark = pytest.mark.django_db

START = "mutation { memberQrStart { content image secret match errors { code } } }"


def test_the_page_runs_nothing_but_our_files() -> None:
    # when
    answer = Client().get("/members/login/")

    # then
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"] and answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY" and not answer.cookies
    assert Client().post("/members/login/").status_code == 405


def test_the_picture_says_the_code_and_not_the_secret() -> None:
    # when
    shown = ask(START)

    # then
    assert shown["errors"] == [] and shown["image"].startswith("data:image/svg+xml")
    assert "<svg" in unquote(shown["image"]) and shown["secret"] not in unquote(shown["image"])
