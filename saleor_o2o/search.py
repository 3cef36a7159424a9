"""Product search for Chinese: Saleor's ``SEARCH_BACKEND``.

Stock search compares trigrams of the whole name and whole words of the description. Chinese has no blanks: ``脐橙``
is a part of the one word ``奉节脐橙`` and is not found. Ours adds that every word asked for may stand anywhere in the
name, in the description or in the category's name.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, QuerySet
from saleor.product.models import Product


def search_storefront(phrase: str) -> QuerySet[Any]:
    """Return the products that match a phrase, by stock's rules or by parts of words; visibility is the caller's."""
    stock = Q(description__search=phrase) | Q(name_sim__gt=0.2) | Q(variants__sku__search=phrase)
    parts = Q()
    for word in phrase.split()[:8]:
        parts &= Q(name__icontains=word) | Q(description__icontains=word) | Q(category__name__icontains=word)
    found = stock | parts if parts else stock
    return Product.objects.annotate(name_sim=TrigramSimilarity("name", phrase)).filter(found)
