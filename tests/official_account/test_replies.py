"""Rules of answers: written, changed, and refused in words; one word belongs to one rule."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from saleor.account.models import User

from plugins.official_account.answering import keyword_rule, normal
from plugins.official_account.errors import Code, OfficialAccountError
from plugins.official_account.models import Account, Reply, Trigger
from plugins.official_account.services.replies import delete_reply, save_reply
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed

pytestmark = pytest.mark.django_db


def save(user: User, account: Account, pk: int | None = None, **values: Any) -> Reply:
    given_values = {
        "trigger": "contains",
        "words": ["网点"],
        "form": "text",
        "text": "最近的网点",
        "is_active": True,
    }
    return save_reply(user, account.pk, {**given_values, **values}, pk)


def test_words_are_cleaned_and_told_once(account: Account, editor: User) -> None:
    # when
    made = save(editor, account, words=[" 网点 ", "", "网点", "ＡＢＣ", "abc", "营业\x00厅"])

    # then
    assert made.words == ["网点", "ＡＢＣ", "营业厅"]
    assert AuditEntry.objects.filter(action="official_account.reply_saved").count() == 1


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"words": []}, Code.INVALID, "words"),
        ({"words": ["字" * 61]}, Code.INVALID, "words"),
        ({"words": [f"词{number}" for number in range(21)]}, Code.INVALID, "words"),
        ({"text": ""}, Code.REPLY_EMPTY, "text"),
        ({"text": " \x07 "}, Code.REPLY_EMPTY, "text"),
        ({"text": "字" * 683}, Code.REPLY_TOO_LONG, "text"),
        ({"form": "image"}, Code.REPLY_EMPTY, "media_id"),
        ({"form": "news", "title": "标题"}, Code.REPLY_EMPTY, "link_url"),
        ({"form": "news", "title": "标题", "link_url": "javascript:alert(1)"}, Code.INVALID, "link_url"),
        ({"form": "poem"}, Code.INVALID, "trigger"),
        ({"trigger": "never"}, Code.INVALID, "trigger"),
    ],
)
def test_what_cannot_be_sent_is_refused(
    account: Account, editor: User, values: dict[str, Any], code: Code, field: str
) -> None:
    # when
    with pytest.raises(OfficialAccountError) as refusal:
        save(editor, account, **values)

    # then
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert Reply.objects.count() == 0


def test_longest_text_goes_through(account: Account, editor: User) -> None:
    # then: 682 × 3 = 2046 bytes
    assert save(editor, account, text="字" * 682).pk


def test_a_word_belongs_to_one_rule(account: Account, editor: User) -> None:
    # given
    first = save(editor, account, words=["网点", "Post"])

    # when
    with pytest.raises(OfficialAccountError) as refusal:
        save(editor, account, words=["ｐｏｓｔ"])

    # then: of the same kind; switched off it takes none
    assert refusal.value.message == "“ｐｏｓｔ”已经在规则“关键词（包含）：网点、Post”里"
    save(editor, account, words=["post"], trigger="exact")
    save(editor, account, words=["post"], is_active=False)
    save(editor, account, first.pk, words=["post"])


@pytest.mark.parametrize("trigger", ["subscribe", "default"])
def test_one_greeting_and_one_default(account: Account, editor: User, trigger: str) -> None:
    # given
    first = save(editor, account, trigger=trigger)

    # then
    assert first.words == []
    with pytest.raises(OfficialAccountError) as refusal:
        save(editor, account, trigger=trigger)
    assert refusal.value.code == Code.KEYWORD_TAKEN
    save(editor, account, first.pk, trigger=trigger, is_active=False)
    save(editor, account, trigger=trigger)


def test_others_may_not(account: Account, editor: User, abroad: User) -> None:
    # given
    made = save(editor, account)

    # then
    for act in (
        lambda: save(abroad, account, words=["别的"]),
        lambda: save(abroad, account, made.pk, text="改"),
        lambda: delete_reply(abroad, made.pk),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert list(Reply.objects.values_list("text", flat=True)) == ["最近的网点"]
    delete_reply(editor, made.pk)
    assert Reply.objects.count() == 0


words = st.lists(st.text(alphabet="网点邮局A ", min_size=1, max_size=4), min_size=1, max_size=3)
rules = st.lists(st.tuples(st.sampled_from(["exact", "contains"]), words), max_size=6)


@given(rules, st.text(alphabet="网点邮局Aａ ", max_size=8))
def test_the_chosen_rule_fits_and_none_fits_better(told: list[tuple[str, list[str]]], text: str) -> None:
    # given
    made = [Reply(pk=at, trigger=kind, words=some) for at, (kind, some) in enumerate(told, 1)]

    def weight(rule: Reply) -> tuple[int, int]:
        fits = [(0, 0)]
        for word in map(normal, rule.words):
            if word and normal(text) and word == normal(text):
                fits.append((1, len(word)))
            elif word and rule.trigger == Trigger.CONTAINS and word in normal(text):
                fits.append((0, len(word)))
        return max(fits)

    # when
    chosen = keyword_rule(made, text)

    # then
    best = max((weight(rule) for rule in made), default=(0, 0))
    assert (weight(chosen) if chosen else (0, 0)) == best
    if chosen:
        assert chosen.pk == min(rule.pk for rule in made if weight(rule) == best)
