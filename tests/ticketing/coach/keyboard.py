"""A coach ticket over the counter in a real browser, by the keyboard alone, with its keys counted.

What counts: every key that a clerk presses, the Enter after a reader's line too. What does not: the characters that the
identity-card reader (or scanner) types, name and number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from plugins.ticketing.kernel.journeys.buying import document

COUNTER = "/admin/o2o_coach/shiftday/counter/"
#: The issue's bound is twenty; a sale takes this many.
KEYS = 9
#: Milliseconds that a page may take on a crowded machine.
PATIENCE = 30_000


class Keyboard:
    """Presses and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def reader(self, name: str, number: str) -> None:
        """The card reader types a line."""
        self.page.keyboard.insert_text(f"{name} {number}")


def down(page: Page, question: str) -> None:
    """The next such question does not arrive."""
    page.route(f"**/ask/{question}/", lambda route: route.abort(), times=1)


def _quote_rises(page: Page) -> None:
    """The next change is refused because its quote is another one by now, for more."""

    def refused(route: Route) -> None:
        route.fulfill(status=409, json={"error": {"code": "QUOTE_CHANGED", "message": "费用有变化"}})

    def dearer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "net": "99.00"})

    page.route("**/ask/change/", refused, times=1)
    page.route("**/ask/change_offer/", dearer, times=1)


def at_the_counter(page: Page, base_url: str, pictures: Path) -> None:
    """A sale, a mistake that loses nothing, a customer who goes away. The page belongs to a clerk who is known."""
    expect.set_options(timeout=PATIENCE)
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    pictures.mkdir(parents=True, exist_ok=True)
    page.goto(f"{base_url}{COUNTER}")
    expect(page.locator("#goals li").first).to_be_visible()
    expect(page.locator("#goal")).to_be_focused()

    # a sale: two letters, tomorrow, the bus, the reader, the seats, the exact sum in cash, the paper
    keys = Keyboard(page)
    keys.press("s", "n", "+", "Enter")
    expect(page.locator("#shifts")).to_be_focused()
    page.screenshot(path=pictures / "counter-1-buses.png")
    keys.press("Enter")
    expect(page.locator("#rider")).to_be_focused()
    keys.reader("测试乘客", document("19820307"))
    keys.press("Enter")
    expect(page.locator("#riders li")).to_have_count(1)
    keys.press("Enter")
    expect(page.locator("#tendered")).to_be_focused()
    page.screenshot(path=pictures / "counter-2-money.png")
    keys.press("Enter")
    expect(page.locator("#doneText")).to_contain_text("已出票")
    expect(page.locator("#printButton")).to_be_focused()
    page.screenshot(path=pictures / "counter-3-issued.png")
    with page.expect_popup() as printed:
        keys.press("Enter")
    expect(printed.value.locator("body")).to_contain_text("遂宁")
    printed.value.screenshot(path=pictures / "counter-4-paper.png")
    assert keys.count == KEYS < 20
    printed.value.close()

    # a wrong digit: the refusal says it, and everything that was entered is there still
    right = document("19830408")
    page.keyboard.press("Escape")
    expect(page.locator("#goal")).to_be_focused()
    keys.press("s", "n", "Enter")
    expect(page.locator("#shifts")).to_be_focused()
    keys.press("ArrowDown", "Enter")
    keys.reader("测试旅客", right[:-1] + ("0" if right[-1] != "0" else "1"))
    keys.press("Enter", "Enter")
    expect(page.locator("#alert")).to_contain_text("身份证号码不正确")
    page.screenshot(path=pictures / "counter-5-refused.png")
    expect(page.locator("#goal")).to_have_value(re.compile("遂宁"))
    expect(page.locator("#riders li")).to_have_count(1)
    expect(page.locator("#rider")).to_be_focused()
    # Backspace in the empty field takes the last one out again
    keys.press("Backspace")
    expect(page.locator("#riders li")).to_have_count(0)
    keys.reader("测试旅客", right)
    keys.press("Enter", "F5")
    seat = page.locator("#seatPlan button:not(:disabled)")
    expect(seat.first).to_be_focused()
    keys.press("ArrowDown", "Space")
    chosen = page.locator("#seatPlan button[aria-pressed=true]")
    expect(chosen).to_have_count(1)
    number = str(chosen.text_content())
    page.screenshot(path=pictures / "counter-6-seats.png")
    # the line is down when the money is to be asked for: one key more, and nothing is held twice
    down(page, "place")
    keys.press("Escape", "Enter")
    expect(page.locator("#payAlert")).to_contain_text("网络不通")
    expect(page.locator("#retry")).to_be_focused()
    expect(page.locator("#payWays")).to_be_hidden()
    keys.press("Enter")
    expect(page.locator("#tendered")).to_be_focused()
    expect(page.locator("#payAlert")).to_be_hidden()
    expect(page.locator("#retry")).to_be_hidden()

    # the customer goes away: the seat is free at once
    keys.press("Escape")
    expect(page.locator("#shiftHint")).to_contain_text("座位已释放")
    keys.press("s", "n", "Enter")
    expect(page.locator("#shifts")).to_be_focused()
    keys.press("ArrowDown", "Enter")
    expect(page.locator("#rider")).to_be_focused()
    keys.press("F5")
    expect(page.locator(f"#seatPlan button.is-2:text-is('{number}')")).to_be_visible()
    assert complaints == []


def _one_on_the_first_bus(page: Page, base_url: str) -> Keyboard:
    """The counter, the first bus to 遂宁 chosen, and somebody read for it."""
    page.goto(f"{base_url}{COUNTER}")
    expect(page.locator("#goals li").first).to_be_visible()
    keys = Keyboard(page)
    keys.press("s", "n", "+", "Enter")
    expect(page.locator("#shifts")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#rider")).to_be_focused()
    keys.reader("测试乘客", document("19820307"))
    keys.press("Enter")
    return keys


def dearer_at_the_counter(page: Page, base_url: str, pictures: Path, rise: Callable[[], None]) -> None:
    """After `rise` the bus is to be had for more only: Enter and F4 agree to nothing, however often; F10 does."""
    expect.set_options(timeout=PATIENCE)
    page.set_default_timeout(PATIENCE)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith("/hold/") else None)
    pictures.mkdir(parents=True, exist_ok=True)
    keys = _one_on_the_first_bus(page, base_url)
    expect(page.locator("#riders li")).to_have_count(1)
    shown = str(page.locator("#total").text_content())
    rise()
    keys.press("Enter")
    notice = page.locator("#risen")
    expect(notice).to_be_focused()
    now = str(page.locator("#total").text_content())
    assert float(now[1:]) > float(shown[1:])
    expect(notice).to_contain_text(f"原来 {shown}，现在 {now}")
    expect(notice).to_have_attribute("role", "alertdialog")
    page.screenshot(path=pictures / "counter-9-dearer.png")
    keys.press("Enter", "Enter", "F4")
    page.locator("#rider").focus()
    keys.press("Enter")
    expect(notice).to_be_focused()
    expect(page.locator("#pay")).to_be_hidden()
    assert len(asked) == 1
    keys.press("F10")
    expect(page.locator("#tendered")).to_be_focused()
    expect(notice).to_have_count(0)
    expect(page.locator("#payTotal")).to_have_text(now)
    assert len(asked) == 2


def change_at_the_counter(page: Page, base_url: str, pictures: Path) -> None:
    """A family with a measured child without a document is sold two tickets, then put on another bus."""
    expect.set_options(timeout=PATIENCE)
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    pictures.mkdir(parents=True, exist_ok=True)
    keys = _one_on_the_first_bus(page, base_url)
    keys.reader("测试儿童", "20140607 hg")
    keys.press("Enter")
    expect(page.locator("#riders li")).to_have_count(2)
    expect(page.locator("#riders li").nth(1)).to_contain_text("随成人证件 半票（按身高）")
    keys.press("Enter")
    expect(page.locator("#tendered")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#doneText")).to_contain_text("已出票")
    number = re.search(r"/(PW\w+)/", str(page.locator("#printForm").get_attribute("action")))
    assert number is not None

    # 改签: the order's people and line are there; a bus, Enter, what it comes to, Enter
    page.goto(f"{base_url}{COUNTER}?change={number[1]}")
    expect(page.locator("#shifts")).to_be_focused()
    expect(page.locator("#riders li")).to_have_count(2)
    keys = Keyboard(page)
    keys.press("ArrowDown", "Enter")
    expect(page.locator("#rider")).to_be_focused()
    # the line is down when it is asked what it comes to: one key more
    down(page, "change_offer")
    keys.press("Enter")
    expect(page.locator("#retry")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#agree")).to_be_focused()
    expect(page.locator("#offer div")).to_have_count(2)
    page.screenshot(path=pictures / "counter-7-change.png")
    _quote_rises(page)
    keys.press("Enter")
    notice = page.locator("#risen")
    expect(notice).to_be_focused()
    expect(notice).to_contain_text("现在 应补 ¥99.00")
    page.screenshot(path=pictures / "counter-7-dearer.png")
    # the key that agreed to the change agrees to no more
    page.keyboard.press("Enter")
    page.locator("#agree").evaluate("(one) => one.form.requestSubmit()")
    expect(notice).to_be_visible()
    page.keyboard.press("F10")
    expect(page.locator("#tendered:focus, #done:not([hidden])")).to_have_count(1)
    if page.locator("#done").is_hidden():
        keys.press("Enter")
    expect(page.locator("#doneText")).to_contain_text("已改签")
    page.screenshot(path=pictures / "counter-8-changed.png")
    assert keys.count <= 6
    # and the next customer
    page.keyboard.press("Escape")
    expect(page.locator("#changing")).to_have_count(0)
    expect(page.locator("#goals li").first).to_be_visible()
    assert complaints == []
