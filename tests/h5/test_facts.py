"""`./o2o h5 check`: what is said of a build, good and bad."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from saleor_o2o.cli import h5_facts
from saleor_o2o.cli.h5_facts import problems

GOOD = """<!doctype html><html lang="zh-CN"><head><title>渝邮生活</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
<link rel="manifest" href="/static/h5/manifest.webmanifest" />
<script type="module" src="/static/h5/assets/main-abcd1234.js"></script></head><body></body></html>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    for name in ("main", "home", "order"):
        (tmp_path / "assets" / f"{name}-abcd1234.js").write_text(f"{name};", encoding="utf-8")
    chunks = {
        "index.html": {"file": "assets/main-abcd1234.js", "isEntry": True},
        "src/pages/HomePage.vue": {"file": "assets/home-abcd1234.js", "imports": ["index.html"]},
        "src/pages/OrderPage.vue": {"file": "assets/order-abcd1234.js", "imports": ["index.html"]},
    }
    (tmp_path / "chunks.json").write_text(json.dumps(chunks), encoding="utf-8")
    (tmp_path / "index.html").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_a_good_build_passes(folder: Path) -> None:
    # then
    assert problems(folder).wrong == []


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ('lang="zh-CN"', "", "语言"),
        ("<title>渝邮生活</title>", "<title></title>", "标题"),
        (", viewport-fit=cover", "", "安全区"),
        ("initial-scale=1", "user-scalable=no", "放大"),
        ('type="module" src', "src", "阻塞"),
        ('rel="manifest"', 'rel="other"', "manifest"),
        ('src="/static', 'src="https://cdn.example.com/static', "外部"),
    ],
)
def test_what_stands_in_the_shell_is_looked_at(folder: Path, good: str, bad: str, complaint: str) -> None:
    # given
    (folder / "index.html").write_text(GOOD.replace(good, bad), encoding="utf-8")

    # when
    found = problems(folder).wrong

    # then
    assert len(found) == 1
    assert complaint in found[0]


def test_too_much_script_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(h5_facts, "MOST_SCRIPT", 3)
    monkeypatch.setattr(h5_facts, "MOST_OF_A_PAGE", 3)

    # when
    found = problems(folder).wrong

    # then
    assert [line.split(" ")[0] for line in found] == ["首页脚本", "src/pages/OrderPage.vue"]


def test_a_name_without_a_hash_cannot_be_kept_for_good(folder: Path) -> None:
    # given
    (folder / "assets" / "late.js").write_text("", encoding="utf-8")

    # then
    assert problems(folder).wrong == ["late.js 的名称不带哈希, 不能长期缓存"]
