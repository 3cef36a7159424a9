"""Slugs of Chinese names: stock's ``slugify`` drops every character and then refuses the empty slug."""

from __future__ import annotations

import re

from .rebinding import rebind
from .registry import Stage, adaptation

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@adaptation(
    Stage.APPS,
    "slugify answers '' for 奉节脐橙: no product, category or attribute value could be made from it",
)
def slugs_from_pinyin() -> None:
    import saleor.graphql.product.mutations.attributes
    import saleor.graphql.product.mutations.products  # noqa: F401  both hold the filter by name
    from django.template.defaultfilters import slugify as slugify_filter
    from django.utils.text import slugify
    from pypinyin import lazy_pinyin

    def slugify_pinyin(value: object, allow_unicode: bool = False) -> str:
        text = str(value)
        if HAN.search(text) and not allow_unicode:
            text = "-".join(lazy_pinyin(text))
        return str(slugify(text, allow_unicode=allow_unicode))

    rebind(slugify, slugify_pinyin)
    rebind(slugify_filter, slugify_pinyin)
