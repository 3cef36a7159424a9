// Words of the member's own pages; apart from texts.ts so that the first page does not load them.
export const m = {
  records: {
    most: (count: number, most: number) => `已保存 ${count} 条，最多 ${most} 条`, kept: (masked: string) => `${masked}（不改可不填）`, saved: "已保存", removed: "已删除",
    removeConfirm: "确定删除？", privacy: "只用于为您办理业务时自动填写，加密保存。",
  },
  passengers: {
    title: "常用旅客", add: "新增旅客", empty: "还没有常用旅客", hint: "存一次，买票时直接选", name: "姓名", namePlaceholder: "与证件一致", kind: "旅客类型", paper: "证件类型",
    number: "证件号", numberPlaceholder: "请按证件填写", birth: "出生日期", birthPlaceholder: "请选择", mobile: "手机号", mobilePlaceholder: "选填，用于接收行程通知",
    needName: "请填写姓名", wrongNumber: "身份证号不正确，请逐位核对",
    kinds: [["ADULT", "成人"], ["CHILD", "儿童"], ["INFANT", "婴儿"], ["STUDENT", "学生"], ["DISABLED", "残疾军人、伤残警察"]] as const,
    papers: [["ID_CARD", "居民身份证"], ["HOUSEHOLD", "户口簿"], ["BIRTH", "出生医学证明"], ["PASSPORT", "护照"], ["HK_MACAU", "港澳居民来往内地通行证"], ["TAIWAN", "台湾居民来往大陆通行证"], ["FOREIGNER", "外国人永久居留身份证"]] as const,
  },
  payers: {
    title: "缴费户号", add: "新增户号", empty: "还没有缴费户号", hint: "存下户号，下次缴费不用再输", service: "缴费项目", biller: "收费单位", billerPlaceholder: "如：重庆市自来水公司",
    number: "户号", numberPlaceholder: "见账单或缴费卡", label: "备注", labelPlaceholder: "选填，如：父母家",
    services: [["WATER", "水费"], ["POWER", "电费"], ["GAS", "燃气费"], ["TELECOM", "通信费"], ["TV", "有线电视"], ["HEATING", "暖气费"], ["PROPERTY", "物业费"], ["OTHER", "其他"]] as const,
  },
  vehicles: {
    title: "我的车辆", add: "新增车辆", empty: "还没有车辆", hint: "登记车辆，年检、保险到期有提醒", plate: "车牌号", platePlaceholder: "点这里输入", model: "品牌型号", modelPlaceholder: "选填，如：长安 CS75",
    registered: "登记日期", registeredPlaceholder: "见行驶证（选填）", inspection: "年检到期", insurance: "交强险到期", duePlaceholder: "选填，到期前提醒您", vin: "车架号", engine: "发动机号",
    six: "后六位（选填）", kept: "已登记", newEnergy: "新能源", remind: "到期提醒", remindHint: "年检、交强险到期前 60、30、7 天告诉您", done: (what: string) => `${what.replace("到期", "")}已办理`, doneSure: (what: string) => `${what.replace("到期", "")}已经办好了？下一次的到期日期自动算好，不对可以再改。`, doneSaved: "已登记，下次到期前再提醒您", needPlate: "请填写完整的车牌号",
    over: (what: string, days: number) => `${what.replace("到期", "")}已过期 ${days} 天`, soon: (what: string, days: number) => (days ? `${what.replace("到期", "")}还有 ${days} 天到期` : `${what.replace("到期", "")}今天到期`),
  },
  invoiceTitles: {
    title: "发票抬头", add: "新增抬头", empty: "还没有发票抬头", hint: "存下抬头，开票时直接选", kind: "类型", name: "抬头", namePlaceholder: "个人姓名或单位全称", tax: "税号", taxPlaceholder: "统一社会信用代码",
    email: "接收邮箱", emailPlaceholder: "选填，电子发票发到这里", address: "单位地址", phone: "单位电话", bank: "开户行", account: "银行账号", optional: "选填", isDefault: "设为默认", default: "默认",
    kinds: [["PERSONAL", "个人"], ["COMPANY", "单位"]] as const,
  },
  points: {
    title: "我的积分", have: "可用积分", owed: (n: number) => `另欠 ${n} 分，以后得到的先抵`, expiring: (n: number, day: string) => `${n} 分将在 ${day} 起到期`, sign: "签到领积分", signed: (days: number) => `今天已签到，连续 ${days} 天`,
    got: (points: number, days: number) => `签到成功，得 ${points} 分，已连续 ${days} 天`, again: "今天已经签到过了", moves: "明细", lots: "有效期", empty: "还没有积分记录", emptyHint: "买东西、签到都能得积分",
    left: (n: number) => `${n} 分`, until: (day: string) => `有效期至 ${day}`, forever: "长期有效", after: (n: number | string) => `余 ${n}`, noLots: "没有可用积分", use: "可到积分商城兑换，下单时可抵现金，也可在网点柜台使用",
    debt: "欠账",
  },
  mall: {
    title: "积分商城", offers: "可兑商品", mine: "兑换记录", enter: "去积分商城", have: (n: number) => `可用 ${n} 积分`, signIn: "登录后看看能兑什么", empty: "现在没有可兑换的商品", emptyHint: "积分先攒着，过几天再来看看",
    points: (n: number) => `${n} 积分`, plus: (sum: string) => `+ ${sum}`, price: (sum: string) => `原价 ${sum}`, left: (n: number) => `剩 ${n} 件`, short: (n: number) => `还差 ${n} 积分`, take: "去兑换", look: "看看", earn: "签到、购物都能得积分",
    limit: (period: string, most: number, mine: number) => `${period}每人限兑 ${most} 件，已兑 ${mine} 件`, level: (name: string) => `${name}及以上会员`, unit: (name: string) => `仅限${name}的会员`, until: (time: string) => `兑换截止 ${time}`,
    count: "兑换件数", total: "需要", freight: "运费按配送方式另付，下一步会列出；选到网点自提一般免运费。", alone: "兑换的商品不再享受会员价，也不能用优惠券、优惠码。", back: "没付款取消、发货前退款或退货，用掉的积分都会退回。", go: "确认兑换",
    coupons: "优惠券", noCoupons: "现在没有可兑换的优惠券", swap: (n: number) => `${n} 积分换`, sure: (n: number, name: string) => `用 ${n} 积分换一张“${name}”？兑换后不退积分。`, swapped: "已放入我的优惠券", shortButton: (n: number) => `差 ${n} 分`,
    over: "这件商品已经下架", none: "还没有兑换过", noneHint: "去看看能兑什么", pieces: (n: number) => `× ${n}`, returned: (n: number) => `已退回 ${n} 件`, details: "商品详情",
  },
  level: {
    title: "会员等级", growth: "近 12 个月成长值", missing: (n: number, name: string) => `再得 ${n} 成长值升为${name}`, top: "已是最高等级", until: (day: string) => `保级至 ${day}`, ladder: "等级与权益", from: (n: number) => `成长值 ${n}`,
    rate: (percent: number) => (percent === 100 ? "积分按标准倍率" : `积分 ${percent / 100} 倍`), now: "当前", moves: "成长值明细", empty: "还没有成长值记录", none: "会员",
  },
  balance: {
    title: "储值余额", have: "可用余额", frozen: "余额已冻结，请到网点咨询", recharge: "充值", bonus: (sum: string) => `送 ${sum}`, noPackages: "现在没有充值套餐", moves: "明细", empty: "还没有余额记录",
    note: "余额只能用于在本平台付款，不能提现；没用完的本金可申请原路退回，赠送部分按比例收回。", after: (sum: string) => `余额 ${sum}`, buy: "去充值",
  },
  coupons: {
    title: "我的优惠券", centre: "领券中心", toCentre: "去领券", empty: "没有优惠券", emptyHint: "去领券中心看看", nothing: "现在没有可领的优惠券", nothingHint: "过几天再来看看", take: "立即领取", taken: "已领取", gone: "已领完",
    done: "领取成功，下单时可用", until: (time: string) => `有效期至 ${time}`, days: (n: number) => `领取后 ${n} 天内有效`, from: (time: string) => `${time} 起可用`, use: "去使用", order: (number: string) => `订单 ${number}`,
    states: [["UNUSED", "未使用"], ["LOCKED", "待付款"], ["USED", "已使用"], ["EXPIRED", "已过期"]] as const, limit: (mine: number, most: number) => `已领 ${mine}/${most} 张`, mark: { AMOUNT: "满减", PERCENT: "折扣", EXCHANGE: "兑换", SHIPPING: "运费" } as Record<string, string>,
    choose: "选择优惠券", usable: (n: number) => `可用（${n}）`, others: (n: number) => `不可用（${n}）`, saves: (sum: string) => `省 ${sum}`, best: "用最省的组合", none: "不使用优惠券", noUsable: "这单没有可用的优惠券",
  },
  goods: {
    favourites: "我的收藏", footprints: "看过的商品", noFavourites: "还没有收藏", noFavouritesHint: "在商品页点“收藏”，降价时好找", noFootprints: "还没有看过商品", clear: "清空", clearConfirm: "清空看过的商品？", cleared: "已清空",
  },
  profile: {
    title: "个人资料", name: "姓名", namePlaceholder: "您的姓名", gender: "性别", genders: [["UNKNOWN", "不填"], ["MALE", "男"], ["FEMALE", "女"]] as const, birthday: "生日", birthdayPlaceholder: "生日当天有礼",
    community: "小区", communityPlaceholder: "输入小区名称查找", building: "楼栋门牌", buildingPlaceholder: "选填，如：3 栋 1203", marketing: "接收优惠和活动信息", marketingHint: "不同意也不影响购物；可随时改",
    referrer: "推荐人会员号", referrerPlaceholder: "选填，登记后不能改", saved: "资料已保存", home: "归属网点", number: "会员号", realName: "实名认证",
    realNames: { NONE: "未认证", SUBMITTED: "核验中", PASSED: "已认证", MISMATCHED: "未通过" } as Record<string, string>, idNumber: "身份证号", idPlaceholder: "与姓名一致", submit: "提交认证", agree: "同意将姓名和身份证号用于实名核验", submitted: "已提交，结果稍后可见",
    locked: "已实名认证，姓名、生日以核验为准", servedBy: (name: string) => `由${name}服务`, useTyped: "没有找到，就用填写的名称",
  },
  mobile: {
    title: "手机号", now: "现在的手机号", fresh: "新手机号", code: "新号验证码", old: "原号验证码", byPassword: "原号收不到短信？用登录密码", byCode: "用原号验证码", password: "登录密码", save: "确认", saved: "手机号已更换", send: "获取",
    taken: "这个手机号是另一个会员的", hint: "都是您本人的，可以合并成一个账号：订单、积分、优惠券都会保留。", need: "请填写新手机号和验证码", merge: "合并账号", merged: "账号已合并",
    mergeTold: "合并后那个账号的订单、积分、券、余额都归到现在这个账号，不能撤销。",
  },
  closing: {
    title: "注销账号", intro: "注销后将删除您的个人信息，不能恢复：", effects: ["手机号、微信、会员卡与账号解除，号码可重新注册", "姓名、地址、旅客、车辆、户号、抬头、收藏全部删除", "未用完的积分、优惠券作废", "订单按交易记录依法保存"],
    cooling: (day: string) => `注销申请已提交，${day} 生效`, coolingHint: "在此之前可以正常登录，也可以撤回。", withdraw: "撤回申请，继续使用", withdrawn: "已撤回，账号恢复正常", blocked: "还有这些没有办完，暂时不能注销：",
    ask: "申请注销", sure: "确定申请注销？15 天内可以撤回，到期删除个人信息。", code: "短信验证码", password: "登录密码", reason: "注销原因", optional: "选填", asked: "申请已提交", understood: "我已了解以上内容", needCode: "请填写短信验证码", needPassword: "请填写登录密码",
    needTick: "请先勾选“我已了解以上内容”", setPassword: "没有绑定手机号，也没有密码：请先在设置里绑定手机号",
  },
  memberships: {
    title: "会员卡", mine: "我的会员", none: "还没有开通会员", plans: "可以开通的会员", noPlans: "现在没有出售的会员", left: (day: string, days: number) => `有效期至 ${day}，还剩 ${days} 天`, months: (n: number) => (n % 12 ? `${n} 个月` : `${n / 12} 年`),
    buy: "立即开通", renew: "续费", again: "重新开通", upgrade: (name: string) => `升级为${name}`, upgradeSure: (sum: string) => `补差价 ${sum}`, bind: "绑定车辆", change: "换一辆车", needsVehicle: "还没有绑定车辆，绑定后才能使用权益", noVehicle: "还没有登记车辆", addVehicle: "登记车辆",
    pickVehicle: "选择车辆", vehicle: "车辆", later: "付款后再绑定", gift: "送给别人（选填）", giftPlaceholder: "对方手机号，登录就有", agree: (version: string) => `我已阅读并同意会员服务协议（${version}）`, needAgree: "请先同意会员服务协议", wrongMobile: "请填写 11 位手机号",
    terms: "各期明细", paid: (sum: string) => `实付 ${sum}`, void: "已退出", refund: "申请退款", refundSure: "没用过权益的可以全额原路退回，退款后会员立即结束。确定？", refunded: "退款已提交，原路退回", bound: "车辆已绑定", span: (from: string, to: string) => `${from} 至 ${to}`, login: "登录后开通",
    benefits: "权益", leftOf: (left: number, quota: number) => `剩 ${left} / ${quota} 次`, unlimited: "不限次", periods: { MONTH: "每月", YEAR: "每年", TERM: "有效期内" } as Record<string, string>, show: "出示", code: "权益码", codeHint: "出示给营业员，五分钟内有效，用一次；不要转发", codeLeft: "有效时间",
    card: (number: string) => `卡号 ${number}`, loss: "挂失", lossSure: "挂失后这张卡立即不能用，会员资格还在，到网点可补办新卡。确定？", lost: "已挂失，请到网点补办", activate: "激活会员卡", cardNumber: "卡号", cardPlaceholder: "卡正面的号码", scratch: "激活码", scratchPlaceholder: "刮开后的 12 位", activated: "激活成功",
    needCard: "请填写卡号和激活码", giveUp: "放弃剩余天数", giveUpSure: (name: string, days: number) => `放弃${name}剩余的 ${days} 天，立即结束，不退款，不能撤销。确定？`, gaveUp: "会员已结束",
  },
  survey: {
    title: "服务评价", question: "您愿意把我们推荐给亲友吗？", low: "0 不愿意", high: "10 非常愿意", order: (number: string) => `订单 ${number}`, glad: "太好了！哪里让您满意？", fair: "谢谢！怎样能更好？", sorry: "很抱歉，哪里让您失望？",
    word: "选填，最多 200 字", send: "提交评价", later: "以后再说", thanks: "谢谢，您的话我们都会看", done: "好的", nothing: "现在没有等您回答的评价", nothingHint: "答过的、过了 30 天的不再显示", privacy: "只用于改进服务，加密保存",
  },
};
