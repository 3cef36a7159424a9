"""Changes of rules: one person submits, another one confirms, and only then anything counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move

from ..access import CONFIRM, EDIT
from ..choices import ChangeKind
from ..engine.facts import Rule, tiers_to_json
from ..engine.soundness import above_parent, ambiguities, problems_of, projected
from ..errors import CommissionError, CommissionErrorCode, UnsoundRules
from ..loading import Categories, keys_of, rule_of, rules_of
from ..models import CommissionPlan, CommissionRule, RateChange
from .retiring import put_standing

SUBMITTED = action("commissions.change.submitted", _("提交佣金变更"))
CONFIRMED = action("commissions.change.confirmed", _("确认佣金变更"))
REFUSED = action("commissions.change.refused", _("驳回佣金变更"))
WITHDRAWN = action("commissions.change.withdrawn", _("撤回佣金变更"))
Code = CommissionErrorCode
#: Rules in one change.
MOST_RULES = 500


@dataclass(frozen=True, slots=True)
class Checked:
    """Rules that may be taken: the plan's rules as they are and as they would be, from the first day that changes."""

    before: Sequence[Rule]
    after: Sequence[Rule]


def for_plan(plan: CommissionPlan, rule: Rule) -> Rule:
    """The rule as one of this plan."""
    return replace(rule, plan=plan.code, plan_name=plan.name, owner_rank=plan.owner.level, id=0, version=0)


def check(
    plan: CommissionPlan,
    rules: Sequence[Rule],
    *,
    earliest: date | None = None,
    categories: Categories | None = None,
) -> Checked:
    """Look at new rules as if they were confirmed now; takes no lock and writes nothing.

    `earliest` is the first day that may change, by default tomorrow: today's orders have been made by today's rules.
    Raises UnsoundRules with everything that is wrong.
    """
    categories = categories or Categories()
    first = earliest or today() + timedelta(days=1)
    found = [problem for rule in rules for problem in _problems(rule, first, categories)]
    if not rules:
        found.append(CommissionError(Code.INVALID_INPUT, _("没有任何规则")))
    if len(rules) > MOST_RULES:
        found.append(
            CommissionError(
                Code.INVALID_INPUT, _("一次最多提交 %(most)s 条规则") % {"most": MOST_RULES}, hint=_("请分批")
            )
        )
    if found:
        raise UnsoundRules(found)
    current = rules_of([plan], since=first - timedelta(days=1))
    try:
        after = projected(current, rules)
    except CommissionError as error:
        raise UnsoundRules([error]) from error
    found = _new_ambiguities(current, after, categories)
    if not plan.is_base:
        above = CommissionPlan.objects.filter(
            owner_id__in=keys_of(plan.owner.path)[:-1], is_active=True
        ).select_related("owner")
        parents = rules_of(above, since=first)
        found += [problem for rule in rules for problem in above_parent(rule, parents, categories.path)]
    if found:
        raise UnsoundRules(found)
    return Checked(current, after)


def _problems(rule: Rule, first: date, categories: Categories) -> list[CommissionError]:
    found = problems_of(rule)
    if rule.valid_from < first:
        found.append(
            CommissionError(
                Code.TOO_LATE,
                _("生效日期最早为 %(day)s") % {"day": first.isoformat()},
                "valid_from",
                _("今天及以前的订单已按当时的规则记录"),
            )
        )
    if rule.category_id is not None:
        if rule.category_id not in categories.rows:
            found.append(CommissionError(Code.INVALID_RULE, _("商品分类不存在"), "category"))
        elif categories.business(rule.category_id) != rule.business:
            found.append(
                CommissionError(
                    Code.INVALID_RULE,
                    _("分类“%(category)s”不属于这条业务线") % {"category": rule.category_name},
                    "category",
                    _("归属见“分类归属业务线”"),
                )
            )
    return found


def _new_ambiguities(
    before: Sequence[Rule], after: Sequence[Rule], categories: Categories
) -> list[CommissionError]:
    old = {error.message for error in ambiguities(before, categories.path)}
    return [error for error in ambiguities(after, categories.path) if error.message not in old]


@transaction.atomic
def submit(user: Any, plan: CommissionPlan, rules: Sequence[Rule], reason: str) -> RateChange:
    """Submit new versions of rules, to be confirmed by somebody else; all or none.

    Raises CommissionError: no right at the plan's owner, no reason, unsound rules (UnsoundRules).
    """
    _require(user, EDIT, plan)
    reason = reason_of(reason)
    rules = [for_plan(plan, rule) for rule in rules]
    check(plan, rules)
    change = RateChange.objects.create(plan=plan, reason=reason, made_by=user)
    CommissionRule.objects.bulk_create([row_of(rule, plan, change) for rule in rules])
    record(SUBMITTED, change, after=_told(change, rules), org_path=plan.owner.path)
    return change


@transaction.atomic
def submit_end(user: Any, rule: CommissionRule, last_day: date, reason: str) -> RateChange:
    """Ask that a rule ends after a day, today at the earliest; more general rules count from then on.

    Raises CommissionError: no right, a rule that is not in force, a day that is past or beyond its end.
    """
    plan = rule.plan
    _require(user, EDIT, plan)
    reason = reason_of(reason)
    _check_end(rule, last_day)
    change = RateChange.objects.create(
        plan=plan, kind=ChangeKind.END, reason=reason, ends=rule, ends_on=last_day, made_by=user
    )
    record(
        SUBMITTED, change, after={"plan": plan.code, "ends": rule.pk, "last_day": last_day},
        org_path=plan.owner.path,
    )  # fmt: skip
    return change


def _check_end(rule: CommissionRule, last_day: date) -> None:
    if not rule.in_force or (rule.valid_to is not None and rule.valid_to < today()):
        raise CommissionError(Code.INVALID_INPUT, _("这条规则没有生效，不需要停用"))
    if last_day < today() or last_day < rule.valid_from:
        raise CommissionError(Code.TOO_LATE, _("最后一天不能早于今天，也不能早于生效日期"), "last_day")
    if rule.valid_to is not None and last_day >= rule.valid_to:
        raise CommissionError(Code.INVALID_INPUT, _("规则本来就在这一天以前失效"), "last_day")


@transaction.atomic
def confirm(user: Any, change: RateChange, note: str = "") -> RateChange:
    """Put a change in force; never by the person who submitted it.

    Everything is checked again, against the rules as they are now. Locks: the plans along the owner's path in key
    order, then the change. Raises CommissionError, UnsoundRules, IllegalMove when it was decided before, LockTimeout.
    """
    plan = _locked_plan(change)
    _require(user, CONFIRM, plan)
    if change.made_by_id == user.pk:
        raise CommissionError(
            Code.SAME_PERSON, _("不能复核自己提交的变更"), hint=_("请由另一位有复核权限的人员处理")
        )
    move(change, "confirm", actor=_name(user), user=user, note=note.strip())
    if change.kind == ChangeKind.END:
        _end(change)
        told: dict[str, Any] = {"plan": plan.code, "ends": change.ends_id, "last_day": change.ends_on}
        record(CONFIRMED, change, after=told, org_path=plan.owner.path)
        return change
    if change.kind in (ChangeKind.RETIRE, ChangeKind.REVIVE):
        put_standing(plan, change)
        record(CONFIRMED, change, after={"plan": plan.code, "kind": change.kind}, org_path=plan.owner.path)
        return change
    rules = put_in_force(plan, change)
    record(CONFIRMED, change, after=_told(change, rules), org_path=plan.owner.path)
    return change


def put_in_force(plan: CommissionPlan, change: RateChange, earliest: date | None = None) -> list[Rule]:
    """Make the rules of a change count; the caller holds the plan's lock and has the right to do so.

    Raises UnsoundRules, CommissionError where the database finds two versions at one time.
    """
    rows = list(change.rules.select_related("plan__owner").order_by("pk"))
    rules = [rule_of(row) for row in rows]
    checked = check(plan, [for_plan(plan, rule) for rule in rules], earliest=earliest)
    versions = _versions(plan)
    ends = {rule.id: rule.valid_to for rule in checked.after if rule.id}
    try:
        with transaction.atomic():
            for rule in checked.before:
                if ends[rule.id] != rule.valid_to:
                    CommissionRule.objects.filter(pk=rule.id).update(valid_to=ends[rule.id])
            for row in rows:
                key = (row.business, row.category_id, row.channel_type)
                versions[key] = row.version = versions.get(key, 0) + 1
                row.in_force = True
                row.save(update_fields=["in_force", "version"])
    except IntegrityError as error:
        raise CommissionError(
            Code.OVERLAP, _("同一维度同一时间已有规则"), "valid_from", _("请刷新后重新提交")
        ) from error
    return [rule_of(row) for row in rows]


def _versions(plan: CommissionPlan) -> dict[tuple[str, int | None, str], int]:
    rows = (
        CommissionRule.objects.filter(plan=plan, in_force=True)
        .order_by()
        .values_list("business", "category_id", "channel_type")
        .annotate(last=Max("version"))
    )
    return {(business, category, channel): last for business, category, channel, last in rows}


def _end(change: RateChange) -> None:
    rule = change.ends
    assert rule is not None and change.ends_on is not None  # noqa: S101 - a change of this kind has both
    _check_end(rule, change.ends_on)
    CommissionRule.objects.filter(pk=rule.pk).update(valid_to=change.ends_on)


@transaction.atomic
def refuse(user: Any, change: RateChange, note: str) -> RateChange:
    """Decline a change, with a reason. Raises CommissionError, IllegalMove."""
    plan = _locked_plan(change)
    _require(user, CONFIRM, plan)
    if change.made_by_id == user.pk:
        raise CommissionError(Code.SAME_PERSON, _("自己提交的变更请撤回"))
    move(change, "refuse", actor=_name(user), user=user, note=reason_of(note, "note"))
    record(REFUSED, change, after={"plan": plan.code, "note": change.note}, org_path=plan.owner.path)
    return change


@transaction.atomic
def withdraw(user: Any, change: RateChange) -> RateChange:
    """Take one's own change back. Raises CommissionError, IllegalMove."""
    plan = _locked_plan(change)
    if change.made_by_id != user.pk:
        raise CommissionError(Code.NOT_ALLOWED, _("只能撤回自己提交的变更"))
    move(change, "withdraw", actor=_name(user), user=user, note="")
    record(WITHDRAWN, change, after={"plan": plan.code}, org_path=plan.owner.path)
    return change


def _locked_plan(change: RateChange) -> CommissionPlan:
    owner_path = CommissionPlan.objects.values_list("owner__path", flat=True).get(pk=change.plan_id)
    lock_plans(keys_of(owner_path))
    return CommissionPlan.objects.select_related("owner").get(pk=change.plan_id)


def lock_plans(owner_keys: Iterable[int]) -> None:
    """Hold the plans of units, in key order: whoever changes one of them, or counts on one above it, waits."""
    lock_rows(CommissionPlan.objects.filter(owner_id__in=list(owner_keys)))


def row_of(rule: Rule, plan: CommissionPlan, change: RateChange) -> CommissionRule:
    """A row to be written for a rule."""
    return CommissionRule(
        plan=plan, change=change, business=rule.business, category_id=rule.category_id,
        category_name=rule.category_name, channel_type=rule.channel_type, kind=rule.kind, base=rule.base,
        tiers=tiers_to_json(rule.tiers), tier_mode=rule.tier_mode, tier_measure=rule.tier_measure,
        cap=rule.cap, floor=rule.floor, valid_from=rule.valid_from, valid_to=rule.valid_to,
    )  # fmt: skip


def _require(user: Any, permission: str, plan: CommissionPlan) -> None:
    if not may_at(user, permission, plan.owner):
        raise CommissionError(Code.NOT_ALLOWED, _("您没有调整这个方案的权限"))


def reason_of(text: str, field: str = "reason") -> str:
    """A reason as typed. Raises CommissionError INVALID_INPUT for none, or more than 200 characters."""
    text = text.strip()
    if not text or len(text) > 200:
        raise CommissionError(Code.INVALID_INPUT, _("请填写原因，不超过 200 字"), field)
    return text


def _name(user: Any) -> str:
    return f"user:{user.pk}"


def _told(change: RateChange, rules: Sequence[Rule]) -> dict[str, Any]:
    return {"plan": change.plan.code, "reason": change.reason, "rules": [rule.to_json() for rule in rules]}
