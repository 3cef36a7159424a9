"""Demo: the sandbox's accounts, what the city's one answers, its menu, a code for each seeded counter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from plugins.channels.interfaces import OPEN, Channel, ChannelType
from plugins.org_hierarchy.interfaces import Level, OrgUnit

from .models import Account, Menu, MessageKind, MessageTemplate, Reply, SceneCode, SceneState
from .services.accounts import FIELDS
from .services.scenes import account_for

WELCOME = """您好，欢迎关注重庆邮政便民服务！
回复“网点”或发送位置，告诉您最近的邮政网点；
回复“营业时间”“脐橙”看看有什么；
也可以点下面的菜单。"""
REPLIES: tuple[dict[str, Any], ...] = (
    {"trigger": "subscribe", "text": WELCOME},
    {"trigger": "default", "text": "没有听懂您的意思。回复“网点”查询最近网点，回复“人工”联系客服 11185。"},
    {"trigger": "contains", "words": ["网点", "附近", "邮局"], "form": "nearest"},
    {"trigger": "contains", "words": ["营业时间", "几点", "开门"],
     "text": "各网点营业时间不同，发送位置即可看到离您最近网点今天的营业时间。"},
    {"trigger": "exact", "words": ["人工"], "text": "客服电话 11185，每天 8:00 至 22:00。", "calls_staff": True},
    {"trigger": "contains", "words": ["脐橙", "橙子"], "form": "news", "title": "奉节脐橙，产地直发",
     "summary": "果农合作社当天采摘，邮政次日送达", "link_url": "{home}/h5/"},
    {"trigger": "click", "words": ["NEAREST"], "form": "nearest"},
    {"trigger": "click", "words": ["SERVICE"], "text": "客服电话 11185，每天 8:00 至 22:00。也可以直接在这里留言。"},
)  # fmt: skip
TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    "paid": (
        "SandboxTemplatePaid",
        {"character_string1": "number", "thing2": "goods", "amount3": "amount", "time4": "time"},
    ),
    "ready": (
        "SandboxTemplateReady",
        {"character_string1": "number", "thing2": "goods", "character_string3": "code"},
    ),
    "shipped": (
        "SandboxTemplateShipped",
        {"character_string1": "number", "thing2": "goods", "time3": "time"},
    ),
    "refunded": (
        "SandboxTemplateRefunded",
        {"character_string1": "number", "amount2": "amount", "time3": "time"},
    ),
    "campaign": ("SandboxTemplateCampaign", {"thing1": "title", "thing2": "text"}),
    "points_expiring": ("SandboxTemplatePoints", {"number1": "points", "time2": "date"}),
    "vehicle_due": (
        "SandboxTemplateVehicle",
        {"car_number1": "plate", "thing2": "what", "time3": "date"},
    ),
    "ticket_voucher": (
        "SandboxTemplateVoucher",
        {"thing1": "title", "character_string2": "code", "thing3": "days"},
    ),
    "session_cancelled": ("SandboxTemplateCancelled", {"thing1": "title", "time2": "when"}),
    "session_postponed": (
        "SandboxTemplatePostponed",
        {"thing1": "title", "time2": "was", "time3": "when", "time4": "until"},
    ),
    "admission_offered": ("SandboxTemplateOffered", {"thing1": "title", "time2": "until"}),
    "ticket_issue_failed": ("SandboxTemplateIssueFailed", {"character_string1": "number", "thing2": "title"}),
    "ticket_refund": ("SandboxTemplateTicketRefund", {"thing1": "title", "thing2": "what", "thing3": "note"}),
    "ticket_change": ("SandboxTemplateTicketChange", {"thing1": "title", "thing2": "what", "thing3": "note"}),
    "ticket_insurance": (
        "SandboxTemplateInsurance",
        {"thing1": "title", "thing2": "what", "amount3": "amount"},
    ),
    "coach_issued": ("SandboxTemplateCoach", {"thing1": "trip", "number2": "count", "thing3": "pick"}),
    "coach_cancelled": ("SandboxTemplateCoachOff", {"thing1": "trip", "character_string2": "number"}),
    "ticket_closed": ("SandboxTemplateCoachOff", {"thing1": "title", "character_string2": "number"}),
    "coach_moved": ("SandboxTemplateCoachMoved", {"thing1": "trip", "time2": "leaves"}),
    "coach_resumed": ("SandboxTemplateCoachOn", {"thing1": "trip", "character_string2": "number"}),
    "coach_invoice": ("SandboxTemplateCoachInvoice", {"thing1": "trip", "thing2": "what", "thing3": "where"}),
}
#: Occasion → subscribe template and its fields: sent to those who agreed on the page after paying.
NOTICES: dict[str, tuple[str, dict[str, str]]] = {
    "survey": ("SandboxNoticeSurvey", {"character_string1": "number", "thing2": "title"}),
}
#: Occasion → page that a tap on the message opens.
LINKS = {
    **dict.fromkeys(("paid", "ready", "shipped", "refunded"), "{home}/h5/orders/{number}"),
    "survey": "{home}/h5/survey", "points_expiring": "{home}/h5/points", "vehicle_due": "{home}/h5/vehicles",
    **dict.fromkeys(
        (
            "ticket_voucher", "session_cancelled", "session_postponed", "ticket_issue_failed", "ticket_refund",
            "ticket_change", "ticket_insurance", "coach_issued", "coach_cancelled", "ticket_closed", "coach_moved",
            "coach_resumed", "coach_invoice",
        ),
        "{home}/h5/ticket-orders/{number}",
    ),
    "admission_offered": "{home}/h5/ticket-waitings",
}  # fmt: skip
MENU: list[dict[str, Any]] = [
    {"name": "便民服务", "sub_button": [
        {"type": "location_select", "name": "最近网点", "key": "WHERE"},
        {"type": "click", "name": "怎么找网点", "key": "NEAREST"},
        {"type": "view", "name": "生活缴费", "url": "{home}/h5/"},
    ]},
    {"name": "邮政商城", "type": "view", "url": "{home}/h5/"},
    {"name": "我的", "sub_button": [
        {"type": "view", "name": "我的订单", "url": "{home}/h5/orders"},
        {"type": "click", "name": "联系客服", "key": "SERVICE"},
    ]},
]  # fmt: skip


def seed(context: Any) -> None:
    """Write the accounts from the sandbox's folder; says so and does nothing where there are none."""
    folder = Path(settings.SANDBOX_DIR) / "official_account"
    if not settings.O2O_SANDBOX_ALLOWED or not (folder / "accounts.json").is_file():
        context.say("公众号：没有找到沙箱的公众号，跳过")
        return
    for account in accounts_from_sandbox(
        folder, settings.SANDBOX_URL
    ):  # all are there before codes are given out
        furnish(account)
    context.say(f"公众号：已接入沙箱公众号 {Account.objects.count()} 个")


def accounts_from_sandbox(folder: Path, sandbox_url: str) -> list[Account]:
    """Write the accounts of a sandbox, once: the first is the city's, the others belong to areas."""
    root = OrgUnit.objects.filter(parent__isnull=True).order_by("pk").first()
    areas = list(OrgUnit.objects.filter(level=Level.AREA).order_by("code"))
    made = []
    for number, told in enumerate(json.loads((folder / "accounts.json").read_text())):
        unit = root if number == 0 else next(iter(areas[number - 1 : number]), None)
        if unit is None:
            continue
        values = {name: told.get(name, "") for name in (*FIELDS, "secret", "token", "aes_key")}
        values |= {"base_url": f"{sandbox_url.rstrip('/')}/official_account"}
        account, _new = Account.objects.get_or_create(code=told["code"], defaults={**values, "unit": unit})
        Account.objects.filter(pk=account.pk).update(base_url=values["base_url"])
        made.append(Account.objects.get(pk=account.pk))
    return made


def furnish(account: Account) -> None:
    """Answers, a menu that waits to be published, and codes for some counters and shops below the account's unit."""
    home = settings.PUBLIC_URL.rstrip("/")
    if not account.replies.exists():
        for told in REPLIES:
            values = {**told, "link_url": told.get("link_url", "").format(home=home)}
            Reply.objects.create(account=account, **values)
    for way, listed in ((MessageKind.TEMPLATE, TEMPLATES), (MessageKind.SUBSCRIBE, NOTICES)):
        for occasion, (template_id, words) in listed.items():
            link = LINKS.get(occasion, "").replace("{home}", home)
            told = {"template_id": template_id, "fields": words, "link_url": link, "kind": way}
            MessageTemplate.objects.get_or_create(account=account, occasion=occasion, defaults=told)
    if not account.menus.exists():
        buttons = json.loads(json.dumps(MENU).replace("{home}", home))
        Menu.objects.create(account=account, name="默认菜单", buttons=buttons)
    if not account.codes.exists():
        channels = Channel.objects.select_related("unit").filter(
            status__in=OPEN, unit__path__startswith=account.unit.path,
            type__in=(ChannelType.OUTLET, ChannelType.MICRO_SHOP),
        )  # fmt: skip
        for kind in (ChannelType.OUTLET, ChannelType.MICRO_SHOP):
            near = [
                one for one in channels.filter(type=kind).order_by("pk") if account_for(one.unit) == account
            ]
            for channel in near[:3]:
                SceneCode.objects.create(
                    account=account, unit=channel.unit, channel=channel, name=channel.name,
                    scene=f"s{channel.code}", state=SceneState.MAKING,
                    welcome=f"欢迎光临{channel.name}！有事直接在这里留言，我们会尽快回复。",
                )  # fmt: skip
