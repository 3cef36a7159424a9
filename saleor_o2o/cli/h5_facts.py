"""What can be said of the built pages without a browser: how much is loaded first, and what stands in the shell."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import brotli

#: Bytes of compressed script before the first page is there.
MOST_SCRIPT = 200 * 1024
#: Bytes of compressed style before the first page is there.
MOST_STYLE = 80 * 1024
#: Bytes of compressed script that any other page adds.
MOST_OF_A_PAGE = 60 * 1024
_HASHED = re.compile(r".+-[\w-]{8}\.\w+$")
#: An address outside that a page would call by itself (links that people tap are in the API's answers).
_FOREIGN = re.compile(r"""(?:src|href)=["']https?://""")


@dataclass
class Facts:
    """What was found: ``told`` for people, ``wrong`` for the exit code."""

    told: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class _Shell(HTMLParser):
    """The shell's scripts, styles, title, language and viewport."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._in_title = tag == "title"

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def problems(folder: Path) -> Facts:
    """Look at a built folder (``index.html``, ``manifest.json``, ``assets/``)."""
    facts = Facts()
    shell = _Shell()
    text = (folder / "index.html").read_text(encoding="utf-8")
    shell.feed(text)
    _look_at_shell(shell, text, facts)
    chunks = json.loads((folder / "chunks.json").read_text(encoding="utf-8"))
    first = _closure(chunks, _entry(chunks)) | _closure(chunks, "src/pages/HomePage.vue")
    script = sum(_size(folder / chunks[name]["file"]) for name in first)
    styles = {style for name in first for style in chunks[name].get("css", [])}
    style = sum(_size(folder / name) for name in styles)
    facts.told.append(f"首页首次加载: 脚本 {script / 1024:.0f} KB, 样式 {style / 1024:.0f} KB(压缩后)")
    if script > MOST_SCRIPT:
        facts.wrong.append(f"首页脚本 {script} 字节, 超过 {MOST_SCRIPT}")
    if style > MOST_STYLE:
        facts.wrong.append(f"首页样式 {style} 字节, 超过 {MOST_STYLE}")
    for name in sorted(chunks):
        if name.startswith("src/pages/"):
            more = sum(_size(folder / chunks[one]["file"]) for one in _closure(chunks, name) - first)
            if more > MOST_OF_A_PAGE:
                facts.wrong.append(f"{name} 另需 {more} 字节脚本, 超过 {MOST_OF_A_PAGE}")
    for file in (folder / "assets").iterdir():
        if not _HASHED.match(file.name):
            facts.wrong.append(f"{file.name} 的名称不带哈希, 不能长期缓存")
    return facts


def _look_at_shell(shell: _Shell, text: str, facts: Facts) -> None:
    if not shell.title.strip():
        facts.wrong.append("首页没有标题")
    if [html.get("lang") for html in shell.all("html")] != ["zh-CN"]:
        facts.wrong.append("首页没有注明语言 zh-CN")
    viewport = next((meta["content"] for meta in shell.all("meta") if meta.get("name") == "viewport"), "")
    if "viewport-fit=cover" not in viewport:
        facts.wrong.append("没有为刘海屏留出安全区(viewport-fit=cover)")
    if "user-scalable=no" in viewport or "maximum-scale=1" in viewport:
        facts.wrong.append("禁止了放大页面")
    for script in shell.all("script"):
        if script.get("type") != "module" and "async" not in script and "defer" not in script:
            facts.wrong.append(f"阻塞的脚本: {script.get('src', '内联')}")
        if "src" not in script:
            facts.wrong.append("内联脚本, 与安全策略不符")
    if _FOREIGN.search(text):
        facts.wrong.append("首页引用了外部网站的文件")
    if not any(link.get("rel") == "manifest" for link in shell.all("link")):
        facts.wrong.append("没有 manifest, 不能添加到桌面")


def _entry(chunks: dict[str, dict[str, Any]]) -> str:
    """The pages' own; the reader of QR codes is a file for others."""
    return next(name for name, chunk in chunks.items() if chunk.get("isEntry") and name.endswith(".html"))


def _closure(chunks: dict[str, dict[str, Any]], name: str) -> set[str]:
    """A chunk and everything that it imports at once."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += chunks[one].get("imports", [])
    return found


def _size(path: Path) -> int:
    """Bytes of a file as the platform sends it."""
    return len(brotli.compress(path.read_bytes()))
