"""What the staff of the journeys read on a page."""

from __future__ import annotations

import pytest

from saleor_o2o.journeys.office import number_on, words_of
from saleor_o2o.journeys.world import Differs

# the token, an attribute and a script hold what looks like numbers; what is read is one
PAGE = """<script>const drawn = {"approval": "SP26120100000033335"};</script>
<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="aSP26120100000022224bYX2">
<p title="SP26120100000044446">审批<a href="/admin/7/">SP26120100000011113</a>待审批</p>
<p>令牌 xSP26120100000055557 SP26120100000066668y，模板 SP261201</p></form>"""


def test_the_number_that_is_read() -> None:
    # given a page whose token and script have such letters as well; then only what a person reads counts
    assert number_on(PAGE, "SP") == "SP26120100000011113"


def test_a_number_between_chinese_words() -> None:
    assert number_on("<p>已保存YX26120100000011113，提交审批后才会发送</p>", "YX") == "YX26120100000011113"


def test_the_same_number_twice_is_one() -> None:
    assert number_on(f"<h1>SP26120100000011113</h1>{PAGE}", "SP") == "SP26120100000011113"


def test_no_number() -> None:
    with pytest.raises(Differs, match=r"^页面上没有 YX 开头的编号$"):
        number_on(PAGE, "YX")


def test_several_numbers_are_not_one() -> None:
    # given
    page = f"{PAGE}<p>SP26120100000077779</p>"

    # when
    with pytest.raises(Differs) as told:
        number_on(page, "SP")

    # then
    assert str(told.value) == "页面上有几个 SP 开头的编号：SP26120100000011113、SP26120100000077779"


def test_a_list_is_asked_for_the_number_after_some_words() -> None:
    # given a list that says what was put up; below it stand all
    page = "<p>DH26120100090</p><p>已上架：榨菜，编号 DH26120100036 </p><td>DH26120100036</td><td>DH26120100025</td>"

    # then
    assert number_on(page, "DH", after="已上架") == "DH26120100036"
    with pytest.raises(Differs, match=r"^页面上“已下架”之后没有 DH 开头的编号$"):
        number_on(page, "DH", after="已下架")


def test_words_are_what_is_read() -> None:
    page = """<style>p > b { color: red }</style><p class="a">退&nbsp;款<b>
      ¥5.00</b></p><script type="application/json">{"a": "<b>"}</script>"""
    assert words_of(page) == "退 款 ¥5.00"
