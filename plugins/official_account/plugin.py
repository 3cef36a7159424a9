"""The declaration of the plugin ``official_account``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_TASKS = "plugins.official_account.tasks"


def _page(title: str, icon: str, name: str, permission: str = "official_account.view") -> Page:
    return Page(title, icon, f"admin:o2o_official_account_{name}_changelist", permission)


plugin = Plugin(
    name="official_account",
    title="公众号",
    app="plugins.official_account",
    requires=("org_hierarchy", "members", "channels", "service_map", "ordering", "cashier"),
    queries=("plugins.official_account.graphql.OfficialAccountQueries",),
    mutations=("plugins.official_account.graphql.OfficialAccountMutations",),
    hooks="plugins.official_account.hooks",
    beat={
        "official_account.process-due": Beat(f"{_TASKS}.process_due", 15),
        "official_account.send-due": Beat(f"{_TASKS}.send_due", 15),
        "official_account.drive-due": Beat(f"{_TASKS}.drive_due", 30),
        "official_account.sync-fans": Beat(f"{_TASKS}.sync_fans", 60),
        "official_account.close-days": Beat(f"{_TASKS}.close_days", 3600),
        "official_account.forget-old": Beat(f"{_TASKS}.forget_old", 3600),
    },
    menus=(
        Menu(
            "公众号",
            (
                _page("公众号", "forum", "account"),
                Page(
                    "公众号报表",
                    "monitoring",
                    "admin:o2o_official_account_accountday_report",
                    "official_account.view",
                ),
                _page("自动回复", "quickreply", "reply"),
                _page("菜单", "menu", "menu"),
                _page("消息模板", "mark_email_read", "messagetemplate"),
                _page("模板消息", "outgoing_mail", "sending"),
                _page("订阅授权", "notifications_active", "consent", "wechat_fan.view"),
                _page("公众号二维码", "qr_code_2", "scenecode", "wechat_code.view"),
                _page("粉丝", "group", "fan", "wechat_fan.view"),
                _page("粉丝标签", "label", "tag", "wechat_fan.view"),
                _page("粉丝同步", "sync", "crawl", "wechat_fan.view"),
                _page("客服对话", "support_agent", "talk", "wechat_talk.view"),
                _page("图片素材", "image", "material"),
                _page("收到的消息", "inbox", "push"),
            ),
        ),
    ),
    todo=("plugins.official_account.todo.todo",),
    receivers="plugins.official_account.receivers",
    seeds=("plugins.official_account.seeds.seed",),
    journeys={
        "follow": JourneySpec(
            "plugins.official_account.journeys.follow.play",
            "扫网点二维码关注公众号：欢迎语、菜单、位置找网点、关键词，重复推送只算一次",
        ),
        "vehicle-reminder": JourneySpec(
            "plugins.official_account.journeys.cars.play",
            "自邮一族：车辆快到期，关注的会员收到公众号消息，没关注的收到短信，都只有一次；关掉提醒、办好了就不再提醒",
        ),
        "scan-coupon": JourneySpec(
            "plugins.official_account.journeys.coupon.play",
            "扫网点码领券：粉丝扫码得券，再扫说已领过，下单用掉，业绩和费用记到网点",
        ),
        "follow-to-buy": JourneySpec(
            "plugins.official_account.journeys.buy.play",
            "扫网点二维码关注，点菜单进商城，微信登录、下单、付款，公众号发来付款通知",
        ),
    },
)
