"""How far permissions go, against brute force over random trees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plugins.org_hierarchy.access.grants import EVERYWHERE, Reach, union
from plugins.org_hierarchy.models import DataScope, OrgUnit
from plugins.org_hierarchy.services.width import span_of

Tree = list[tuple[int, str]]


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Keys and paths of a random tree; keys like 1, 11 and 111 are near each other as text."""
    keys = draw(st.lists(st.integers(1, 120), min_size=1, max_size=14, unique=True))
    made: Tree = [(keys[0], f"/{keys[0]}/")]
    for key in keys[1:]:
        _parent, path = draw(st.sampled_from(made))
        made.append((key, f"{path}{key}/"))
    return made


@st.composite
def reaches(draw: st.DrawFn, tree: Tree) -> Reach:
    if draw(st.integers(0, 9)) == 0:
        return EVERYWHERE
    paths = draw(st.lists(st.sampled_from([path for _key, path in tree]), max_size=3))
    units = draw(st.lists(st.sampled_from([key for key, _path in tree]), max_size=3))
    return Reach(paths=frozenset(paths), units=frozenset(units))


def rows(reach: Reach, tree: Tree) -> set[int]:
    """The units that a reach takes in, one by one, by their keys alone."""
    if reach.everything:
        return {key for key, _path in tree}
    below = {path.strip("/").split("/")[-1] for path in reach.paths}
    return {key for key, path in tree if key in reach.units or below & set(path.strip("/").split("/"))}


@given(st.data())
def test_covering_is_what_the_tree_says(data: st.DataObject) -> None:
    # given
    tree = data.draw(trees())
    reach = data.draw(reaches(tree))

    # then
    assert {key for key, path in tree if reach.covers(path, key)} == rows(reach, tree)


@given(st.data())
def test_who_contains_another_reach_sees_all_of_it(data: st.DataObject) -> None:
    # given
    tree = data.draw(trees())
    one, other = data.draw(reaches(tree)), data.draw(reaches(tree))

    # then: never more than is there, for units now and any that come
    if one.contains(other):
        assert rows(other, tree) <= rows(one, tree)
        if other.everything:
            assert one.everything
    # and of subtrees, exactly
    subtrees = Reach(paths=other.paths)
    if not one.everything and not one.units:
        assert one.contains(subtrees) == (rows(subtrees, tree) <= rows(one, tree))
    assert one.contains(one)


@given(st.data())
def test_a_union_is_the_rows_of_its_parts(data: st.DataObject) -> None:
    # given
    tree = data.draw(trees())
    parts = data.draw(st.lists(reaches(tree), max_size=4))

    # then
    joined = union(parts)
    assert rows(joined, tree) == set().union(*[rows(part, tree) for part in parts])
    assert all(joined.contains(part) for part in parts)


@given(st.data())
def test_a_role_fits_where_its_rows_are(data: st.DataObject) -> None:
    # given: a role of any scope at a unit, and a giver's reach
    tree = data.draw(trees())
    mine = data.draw(reaches(tree))
    key, path = data.draw(st.sampled_from(tree))
    scope = data.draw(st.sampled_from(DataScope.values))
    named = data.draw(st.lists(st.sampled_from(tree), max_size=3))

    def unit(pk: int, at: str) -> OrgUnit:
        return OrgUnit(pk=pk, path=at)

    # when
    fits = span_of(scope, unit(key, path), [unit(*one) for one in named]).within(mine)

    # then
    at = {
        DataScope.ALL: EVERYWHERE,
        DataScope.UNITS: Reach(units=frozenset(pk for pk, _path in named)),
        DataScope.UNIT: Reach(units=frozenset({key})),
        DataScope.SELF: Reach(units=frozenset({key})),
        DataScope.UNIT_AND_BELOW: Reach(paths=frozenset({path})),
    }[DataScope(scope)]
    if fits:
        assert rows(at, tree) <= rows(mine, tree)
    elif scope not in (DataScope.ALL, DataScope.UNIT_AND_BELOW):
        assert not rows(at, tree) <= rows(mine, tree)
