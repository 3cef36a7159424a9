"""Two entries for one community become one."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plugins.service_map.errors import MapError
from plugins.service_map.models import Community, PinCorrection
from plugins.service_map.services.communities import search, write_community
from plugins.service_map.services.merging import candidates, merge_communities
from plugins.service_map.services.pins import correct_pin
from plugins.service_map.serving import unit_of_address
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import OutOfScope

from ..orgs import again, person
from ..threads import together
from .map_support import mapped_org

pytestmark = pytest.mark.django_db
RIGHTS = ["map.view", "map.edit"]


def estate(name: str, lng: float = 106.55, **values: Any) -> Community:
    return write_community({"name": name, "lng": lng, "lat": 29.55, **values})


def pair() -> tuple[Community, Community]:
    return estate("金色家园", aliases="老厂宿舍"), estate(
        "金色家园小区", 106.552, aliases="金家园", households=300
    )


def test_the_duplicate_is_found_under_the_kept_one() -> None:
    # given
    org = mapped_org()
    kept, other = pair()
    far = estate("远山苑", 106.64)
    correct_pin(other, 106.553, 29.55, reason="门在路口")
    assert [one for one, _metres in candidates(Community.objects.all(), kept)] == [other]

    # when
    merge_communities(kept, other)

    # then
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.aliases, kept.households, other.is_active) == (
        ["老厂宿舍", "金色家园小区", "金家园"],
        300,
        False,
    )
    assert list(search(Community.objects.all(), "金家园")) == [kept]
    served = unit_of_address("渝中区", "金色家园小区 3 栋")
    assert served is not None and served.unit == org["B111"]
    assert PinCorrection.objects.get().community == kept
    assert AuditEntry.objects.filter(action="service_map.community.merged").count() == 2
    with pytest.raises(MapError, match="已停用"):
        merge_communities(far, other)
    with pytest.raises(MapError, match="不能与自己合并"):
        merge_communities(far, far)


def test_too_many_names_change_nothing() -> None:
    # given
    mapped_org()
    kept = estate("金色家园", aliases=[f"别名{number}" for number in range(10)])
    other = estate("金色家园小区")

    # then
    with pytest.raises(MapError, match="别名最多 10 个"):
        merge_communities(kept, other)
    other.refresh_from_db()
    assert other.is_active


def test_another_countys_community_is_not_there() -> None:
    # given
    org = mapped_org()
    kept, other = pair()
    editor = again(person(org["C12"], "other", RIGHTS))

    # then
    with pytest.raises(OutOfScope):
        merge_communities(kept, other, by=editor)


@pytest.mark.django_db(transaction=True)
def test_merged_both_ways_at_once_one_stays() -> None:
    # given
    mapped_org()
    kept, other = pair()

    # when
    results = together(partial(merge_communities, kept, other), partial(merge_communities, other, kept))

    # then
    assert sorted(type(one).__name__ for one in results) == ["Community", "MapError"]
    assert Community.objects.filter(is_active=True).count() == 1


def test_merging_is_a_page() -> None:
    # given
    org = mapped_org()
    kept, other = pair()
    client = Client()
    user = again(person(org["C11"], "clerk", RIGHTS))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:o2o_service_map_community_merge", args=[kept.pk])

    # then
    detail = client.get(reverse("admin:o2o_service_map_community_change", args=[kept.pk])).content.decode()
    assert address in detail
    assert "金色家园小区" in client.get(address).content.decode()
    assert "请选择重复的小区" in client.post(address, {"other": "x"}).content.decode()
    assert client.post(address, {"other": other.pk}).status_code == 302
    other.refresh_from_db()
    assert not other.is_active
