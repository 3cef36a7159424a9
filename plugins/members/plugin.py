"""The declaration of the plugin ``members``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_HERE = "plugins.members"
_ADMIN = "admin:o2o_members"

plugin = Plugin(
    name="members",
    title="会员",
    app=_HERE,
    requires=("org_hierarchy", "login_security", "service_map", "backoffice"),
    queries=(f"{_HERE}.graphql.MemberQueries",),
    mutations=(f"{_HERE}.graphql.MemberMutations",),
    pages=f"{_HERE}.urls",
    on_order_written=(f"{_HERE}.services.restricting.order_written",),
    seeds=(f"{_HERE}.seeds.seed",),
    menus=(
        Menu(
            "会员",
            (
                Page("会员", "group", f"{_ADMIN}_member_changelist", "member.view"),
                Page("柜台注册", "person_add", f"{_ADMIN}_member_counter", "member.create"),
                Page("电话注册", "add_call", f"{_ADMIN}_member_phone", "member.create"),
                Page("批量导入", "upload_file", f"{_ADMIN}_member_import", "member.import"),
                Page("会员标签", "sell", f"{_ADMIN}_tag_changelist", "member.edit"),
                Page("黑名单", "block", f"{_ADMIN}_restriction_changelist", "member.view"),
                Page("车辆到期", "directions_car", f"{_ADMIN}_vehicle_changelist", "member.view"),
                Page("短信记录", "sms", f"{_ADMIN}_smsmessage_changelist", "sms.view"),
                Page("短信限次", "speed", f"{_ADMIN}_smslimit_changelist", "sms.configure"),
            ),
        ),
    ),
    beat={
        "members.send-waiting": Beat(f"{_HERE}.tasks.send_waiting", 20),
        "members.close-due": Beat(f"{_HERE}.tasks.close_due", 900),
        "members.end-restrictions": Beat(f"{_HERE}.tasks.end_restrictions", 3600),
        "members.check-waiting": Beat(f"{_HERE}.tasks.check_waiting", 30),
        "members.remind-of-vehicles": Beat(f"{_HERE}.tasks.remind_of_vehicles", 1800),
        "members.sweep": Beat(f"{_HERE}.tasks.sweep", 3600),
    },
    journeys={
        "member-login": JourneySpec(
            f"{_HERE}.journeys.login.play",
            "会员：收验证码、注册、登录、设密码、锁定、重设，短信平台没有回音、拒收",
        ),
        "member-own": JourneySpec(
            f"{_HERE}.journeys.own.play",
            "会员自己的：地址与归属、儿童旅客、车辆、实名（没有回音）、申请注销又撤回",
        ),
        "merge": JourneySpec(
            f"{_HERE}.journeys.merge.play",
            "合并会员：一个人两个会员，核对、合并、反过来被拒绝，两份历史归一",
        ),
    },
)
