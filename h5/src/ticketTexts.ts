// Every word of the pages of tickets.
import { ticketHome, ticketTitles } from "./ticketTitles";

export const k = {
  titles: ticketTitles,
  home: ticketHome,
  result: "查看车票门票",
  mine: { waitings: "登记和抽签" },
  list: {
    search: "景区、演出、场馆、区县", all: "全部", kinds: [["SCENIC", "景区"], ["SHOW", "演出"], ["MATCH", "赛事"], ["EXHIBITION", "展览"], ["COMBO", "联票"], ["YEAR_CARD", "年卡"]] as const,
    anyDay: "不限日期", near: "离我近", empty: "没有找到在售的门票", emptyHint: "换个词、换个日期再看看", from: "起", closed: "暂停销售", km: (n: number) => (n < 1 ? "1 公里内" : `${n.toFixed(n < 10 ? 1 : 0)} 公里`), coach: "汽车票", coachHint: "查班次、买汽车票",
  },
  detail: {
    gone: "没有这种门票，或已下架", open: "开放时间", traffic: "交通", notices: "须知", about: "介绍", classes: "票种", common: (words: string) => `各票种：${words}`, day: "选择日期", more: "更多日期", sessions: "选择场次", slots: "选择时段",
    soldOut: "售罄", left: (n: number) => (n >= 50 ? "有票" : `余 ${n} 张`), closed: "停售", opens: (time: string) => `${time} 开售`, next: "下一步", wait: "缺货登记", paused: "暂停销售，请稍后再来",
    people: (n: number) => `每张 ${n} 人`, ages: (from: number | null | undefined, below: number | null | undefined) => (from && below ? `${from}–${below - 1} 岁` : from ? `满 ${from} 岁` : below ? `不满 ${below} 岁` : ""), least: (n: number) => `每单至少 ${n} 张`, papers: (names: string) => `凭${names}`, market: "门市价", noDay: "近期没有可买的日期", noSession: "近期没有场次", postponed: (from: string) => `原定 ${from}，已延期`,
    real: { NONE: "不用实名", ONE: "填一位游客的证件", EACH: "每人都要填证件" }, mailBy: (days: number) => `开场（游玩）前 ${days} 天停止购买`, exchange: { QR: "凭二维码入场", SMS: "凭短信码入场", ID_CARD: "刷身份证入场", PAPER_MAIL: "邮寄纸质票", ON_SITE: "现场换票入场" },
    valid: (mode: string, days: number) => ({ DAY: "选定日期当天有效", ANY_DAY: `${days} 天内任选一天`, MULTI: `${days} 天内可多次入场`, SLOT: "所选时段入场", SESSION: "所选场次有效" })[mode] ?? "",
    queue: "现在购买的人多，请先排队", join: "排队取号", ahead: (n: number) => `前面还有 ${n} 人`, number: (n: number) => `您的号码：${n}`, enters: (time: string) => `预计 ${time} 轮到您`, inNow: "轮到您了，请尽快购买，还剩", stay: "请停留在本页，轮到时会自动更新", turnOver: "您的号已过时效，请重新取号", joinAgain: "重新取号", queueFirst: "请先排队", byLot: "抽签发售",
  },
  seats: {
    stage: "舞台方向", pick: "自己选座", best: "推荐连座", taken: "已售", mine: "已选", zoomIn: "放大", zoomOut: "缩小", most: (n: number) => `每单最多选 ${n} 个座位`, gone: (names: string) => `${names} 刚被别人选走，请另选`, hint: "双指缩放，点座位选择", bestHint: "由系统选最好的连座，付款前能看到座位", chosen: (n: number) => `已选 ${n} 座`, noMap: "这一场不用选座", kind: "票种", remove: "取消",
  },
  people: {
    choose: "选择旅客", add: "填写新的旅客", none: "还没有常用旅客", keep: "存为常用旅客", name: "姓名", namePlaceholder: "与证件一致", document: "证件类型", number: "证件号", numberPlaceholder: "请按证件填写", birth: "出生日期", birthPlaceholder: "请选择", mobile: "手机号", mobilePlaceholder: "选填", needName: "请填写姓名", needNumber: "请填写证件号", needBirth: "请选择出生日期", wrongNumber: "身份证号不正确，请逐位核对", use: "使用这位旅客", back: "返回列表", taken: "已添加", privacy: "证件号只用于实名购票，不保存在手机上",
    documents: [["ID_CARD", "居民身份证"], ["HOUSEHOLD", "户口簿"], ["BIRTH", "出生医学证明"], ["PASSPORT", "护照"], ["HK_MACAU", "港澳居民来往内地通行证"], ["TAIWAN", "台湾居民来往大陆通行证"], ["RESIDENCE", "港澳台居民居住证"], ["FOREIGNER", "外国人永久居留身份证"], ["MILITARY", "军人证件"], ["TEMPORARY", "临时身份证明"], ["EXIT_PERMIT", "出入境通行证"]] as const,
  },
  booking: {
    nothing: "还没有选票，或页面已刷新", mailTitle: "纸票寄到", mailAdd: "请选择收件地址", mailHint: (sum: string) => `邮寄纸票，邮费 ${sum}，寄出后不退；寄出后退票须交回纸票`, postage: "邮费", needMail: "请选择收件地址", again: "重新选票", who: "游客信息", ticket: (name: string, n: number) => `${name} ${n}`, contact: "联系人", contactPlaceholder: "选填", mobile: "联系手机", mobilePlaceholder: "取票信息发到这里", total: "合计：", submit: "占座下单", needMobile: "请填写 11 位手机号", needPeople: "还有票没有选择旅客", lost: "结果还不确定，请再点一次，不会重复占座", system: "系统选座", rules: "退改规则在付款页和订单里可以看到",
    dearer: (was: string, now: string) => `价格有变化：原来 ${was}，现在 ${now}`, goOn: "继续", giveUp: "放弃", waitAsk: "登记后有票会短信通知您，要登记吗？", waited: "已登记，有票时短信通知您", waitFor: (n: number) => `登记 ${n} 张`,
  },
  held: { until: "占座剩余", over: "占座已失效，座位已释放", release: "放弃占座", releaseConfirm: "放弃后座位会释放，确定？", released: "座位已释放", back: "重新选票", again: "重新占座", hurry: "快到时间了，请尽快提交订单", overHint: "还没有付款，不会扣钱；重新占座时票可能已被买走", difference: "改签差价", },
  orders: {
    textLost: "没收到或删了短信？", textAgain: "重发短信", textSent: (mobile: string) => `已重发到 ${mobile}`,
    pass: "进站二维码", passHint: "到站扫码进站，没有网络也能打开", missed: "误班改乘", insteadHint: "这是改签占的座，不单独付款：请在原订单办理改签，或放弃占座", changeSeats: "改期换场", holder: "更改实名",
    tabs: [["ALL", "全部"], ["TO_PAY", "待支付"], ["ISSUING", "出票中"], ["ISSUED", "已出票"], ["ENDED", "已结束"]] as const, empty: "没有车票和门票", emptyHint: "买过的票都在这里", holding: "正在占座，请稍候…", issuing: "正在出票，出好后短信通知您", tickets: "票", pick: "取票凭证", voucher: "电子门票", voucherHint: "没有网络也能打开", refund: "退票", change: "改签", invoice: "开发票", pay: "去付款", rules: "退改规则", refundRule: "退票", changeRule: "改签", carried: "携童", number: "票务订单号", total: "合计", madeAt: "占座时间", paidAt: "付款时间", issuedAt: "出票时间", contact: "联系人", refunds: "退款进度", due: (sum: string) => `应退 ${sum}`, kept: (ticket: string, why: string) => `${ticket} 没有退成，票仍有效${why ? `：${why}` : ""}`, arrived: (time: string) => `${time} 到账`, order: "查看付款订单", theirNumber: "票号", back: (n: number) => `已退 ${n} 人`, partBack: "部分退票", collected: (time: string) => `${time} 已取纸质车票，退票、改签请到车站窗口`, seatNumber: (n: string) => `${n} 号座`, legs: "行程", leg: (n: number) => `第 ${n} 程`, legCancelled: "已取消", legHint: "有一程已取消，其余各程出发前可以免手续费退票、改签",
  },
  voucher: { paper: "凭纸票入场", exchangeQr: "换票二维码", exchangeCode: "换票码", receiver: "收件", lastSeen: "未登录买的票，显示上次查到的状态", find: "用订单号和手机号查找", findAgain: "重新查找", pdf: "下载 PDF", offline: "没有网络，显示手机里保存的门票", unsure: "暂时查不到最新状态，显示手机里保存的门票", none: "没有电子门票", noneHint: "出票后在这里显示；凭取票号入场的，请看订单", kept: "已存在手机里，没有网络也能出示", rotating: (n: number) => `动态码，${n} 秒后更新`, code: "入场码", left: (used: number, uses: number) => `已用 ${used} 次，共 ${uses} 次`, unlimited: "有效期内不限次数，每日一次", document: "入场请同时出示购票时登记的证件", validity: "有效期", thatDay: (day: string) => `${day} 当天`, days: (from: string, last: string) => `${from} 至 ${last}`, standing: { usable: "可使用", used: "已使用", void: "已作废", expired: "已过期", early: "未到使用时间" } as Record<string, string>, send: "短信发给我", sent: "已发送", qr: "入场二维码", theirs: "这张票由景区检票，请出示景区的入园码", theirCode: "入园码", theirPick: "请凭订单里的取票凭证入场", bright: "出示时请调亮屏幕", awake: "出示期间屏幕不会自动熄灭", all: "手机里的电子票", allHint: "没有网络也能出示" },
  refund: { withdraw: "撤回退票", withdrawConfirm: "撤回后票恢复有效，不再退款；以后再退须重新申请，手续费按当时的规则。确定撤回？", withdrawn: "已撤回，票恢复有效", partOf: (n: number) => `退几人（还有 ${n} 人可退）`, partHint: "只退一部分人的，其余的人照常使用", people: (n: number) => `退 ${n} 人`, pick: "选择要退的票", whole: "票已全部退改，没有可退的", preview: "试算手续费", fee: "手续费", back: "应退", confirm: (sum: string) => `确认退票，退回 ${sum}`, closed: "这些票现在不能退", changed: "费用有变化，请核对后再确认", done: "退票已受理", until: (time: string) => `报价到 ${time} 有效`, hint: "确认后票立即失效，退款按原付款方式退回", again: "重新试算", lost: "结果还不确定，请再点一次，不会重复退票", other: "重新选票" },
  change: { newPrice: "新票价：", newTime: "选择新的日期或场次", same: "票种和游客不变", other: "请先选择新的日期、时段或场次", notThere: "这个时间没有同样的票", sameSeats: (n: number) => `请选 ${n} 个座位`, hold: "占座改签", from: "原行程", missing: "没有找到这笔改签", payHintShort: "付款后改签才算数；不付款，原票照常使用", over: "补差价的时间已过，新座位已释放，原票照常使用", refused: "没有改成，原票照常使用", paid: "差价已付，正在改签", backToOrder: "查看原订单", going: "改签处理中", goingHint: "正在向承运方改签；没改成的，原票照常使用", payHint: "补差价后改签才算数，请在限时内付款", payNow: (sum: string) => `补差价 ${sum}`, list: "改签", to: "查看新票", origin: "查看原票", pick: "选择要改签的票", day: "新的乘车日期", find: "查看班次", none: "没有可改签的票", target: "改签到", choose: "选这一班", fee: "手续费", toPay: "应补差价", back: "退还差价", confirm: "确认改签", confirmPay: (sum: string) => `确认改签，补 ${sum}`, changed: "费用有变化，请核对后再确认", done: "改签已受理", drop: "不改了，释放新座位", lost: "结果还不确定，请再点一次，不会重复改签", closed: "这张票现在不能改签", carried: "携带的儿童须和成人一起改签" },
  coach: {
    seats: "选座位", seatsHint: "座位由客票网排；已被别人选走时另排，以占座结果为准", seatsNone: "这个班次不能选座，由客票网排座", seatsMost: (n: number) => `有 ${n} 位乘客，已选够座位`, seatsChosen: (names: string) => `想要 ${names}`, seatsAuto: "不选，由客票网排座", seatsDone: "选好了", seatsFree: "可选", seatsTaken: "不可选", seatsFirst: "请先添加乘客，再选座位", seatsOther: (names: string) => `所选座位被别人选走，已排 ${names}`, seatsPlan: "只按座位号排列，车内位置以实车为准",
    extra: "加班车", extraHint: "加班车不在班次表内，退票、改签以本页“退改规定”为准，多数不办理退票。",
    from: "出发地", to: "目的地", swap: "交换出发地和目的地", day: "日期", find: "查询班次", pickFrom: "选择上车站", pickTo: "选择到达地", search: "名称、拼音、首字母或城市", none: "没有找到", recent: "最近查过", need: "请先选择出发地和目的地", noShift: "这一天没有可买的班次", noShiftHint: "换个日期，或换附近的车站", minutes: (n: number) => (n >= 60 ? `${Math.floor(n / 60)} 小时${n % 60 ? `${n % 60} 分` : ""}` : `${n} 分钟`), flow: (last: string) => `流水班 末班 ${last}`, flowHint: "当天任意一班都可乘坐，不对号", sold: "无票", today: "今天", tomorrow: "明天", gate: "检票口", km: (n: number) => `${n} 公里`, stops: (time: string) => `${time} 停售`, address: "车站地址", rules: "退改规定", passengers: "乘客", add: "添加乘客", remove: "删除", fare: "票类", certificate: "优待证号", certificatePlaceholder: "残疾军人证或伤残人民警察证（儿童不填）", needPeople: "请添加乘客", gone: "班次不存在或已停售", free: "携童不占座，须有一位成人同行；每班名额有限", needsId: "实名制：凭购票证件进站", sorts: { time: "按发车时间", price: "按票价", quick: "按历时" },
    picks: { ID_CARD: "刷身份证进站", MACHINE: "自助机取票", OUTLET: "邮政网点取票", QR: "扫二维码进站", WINDOW: "车站窗口取票" },
  },
  draw: {
    mineTitle: "我的抽签", lot: "抽签发售", units: (n: number, each: number) => `共 ${n} 张，每人最多 ${each} 张`, span: (from: string, to: string) => `${from} 至 ${to} 登记`, count: "登记张数", enter: "登记抽签", change: "修改张数", entered: (n: number) => `已登记 ${n} 张`,
    mine: (n: number) => `已登记 ${n} 张`, wait: (time: string) => `${time} 截止后抽签`, won: (n: number) => `恭喜，中签 ${n} 张`, lost: "未中签", place: (n: number) => `签位 ${n}`, free: "余票已开放购买", toOffer: "去下单",
    rules: (hours: number) => `登记不收费。中签的短信通知，请在 ${hours} 小时内下单，过时作废。`, check: "怎样核对抽签是否公正", how: "抽签前公布种子的摘要，抽签后公布种子。用“种子:登记号”算出 SHA-256，从小到大排就是签位。", digest: "种子摘要", seed: "种子", number: "我的登记号",
  },
  insurance: { title: "保险（自愿购买）", hint: "不买不影响购票。出票后由保险公司承保，退票时保费按保险条款退还。", each: (sum: string) => `${sum}/人`, by: (name: string) => `承保：${name}`, terms: "查看条款", forWhom: (name: string) => `给 ${name.trim()} 买`, unknown: "保险暂时看不到，不影响购票", mine: "保险", policy: "保单号" },
  postponed: { title: "场次延期", why: (words: string) => `原因：${words}`, until: (time: string) => `请在 ${time} 前选择；不选就是保留门票`, mayStill: (time: string) => `${time} 前还可以改为全额退票`, keep: "保留门票", refund: "全额退票", confirm: "全额退票不收手续费，退后不能恢复。确定退票？", kept: "已选择保留门票", refunded: "已选择全额退票" },
  waiting: { left: "为您保留，还剩", leave: "不要了", leaveConfirm: "为您保留的票会让给下一位，确定？", empty: "没有登记和抽签", emptyHint: "票售完时可以登记，有人退票就轮到您；热门场次可以登记抽签", until: (time: string) => `为您保留到 ${time}`, buy: "去购买", cancel: "取消登记", cancelConfirm: "取消后排位作废，确定？", cancelled: "已取消", count: (n: number) => `${n} 张`, order: "查看订单" },
  guest: { hint: "没有登录买的票，用订单号和下单时的手机号查找，可以查看、退票、改签。用账号买的，请登录后在“车票门票”里看。", linkHint: (mobile: string) => `验证码将发到订单的联系手机 ${mobile}，验证后一小时内可以查看、退票、改签。`, number: "票务订单号", numberPlaceholder: "PW 开头，见购票页面或短信", mobile: "手机号", mobilePlaceholder: "下单时填写的手机号", code: "验证码", needNumber: "请填写票务订单号", open: "打开订单", prove: "验证手机号后办理退改" },
  child: { add: "添加没带证件的儿童", hint: "14 岁以下、没有证件的儿童，随同行成人的证件乘车。请先添加成人，再填儿童的姓名和出生日期。", namePlaceholder: "儿童姓名", words: (birth: string) => `随成人证件，${birth} 出生`, use: "添加" },
  mail: { now: "现在的收件人", book: "从地址簿选择", name: "收件人", hint: "寄出前都可以更改，更改后会短信通知订单的联系手机。", submit: "确认更改", done: "地址已更改", closed: "纸票已寄出或不用邮寄，不能更改地址", title: "邮寄纸票", noChange: "邮寄的纸票不能改期：没有寄出的可以退票后重新购买，邮费一并退；已寄出的请带纸票到网点柜台办理。" },
  pass: { offline: "没有网络，显示手机里保存的进站码", unsure: "暂时查不到最新状态，显示手机里保存的进站码", none: "没有进站二维码", noneHint: "出票后在这里显示；不扫码进站的车站，请看订单里的取票方式", qr: "进站二维码", gate: (words: string) => `检票口 ${words}`, left: "已过发车时间", day: (first: string, last: string) => `${first}—${last} 任意一班` },
  holder: { pick: "选择要更改的票", who: "新观众", choose: "请选择", hint: "每张票只能更改一次；更改后旧码立即失效，新观众须带证件入场。", until: (time: string) => `${time} 前可以更改`, closed: "现在不能更改", confirm: (was: string, now: string) => `把 ${was} 改为 ${now}，改后不能再改。确定？`, submit: "确认更改", done: "已更改，请查看新的电子门票", none: "没有可以更改的实名票", lost: "结果还不确定，请刷新后查看，不要重复提交" },
  missed: { hint: "班车已经开走的，当日可以改乘后面的班次。请选择没有上车的乘客。", none: "当日后面没有可以改乘的班次", noneHint: "可以退票或到车站窗口咨询", choose: (time: string) => `改乘 ${time}`, toPay: (sum: string) => `补 ${sum}`, back: (sum: string) => `退 ${sum}`, even: "不补不退", left: (n: number) => `余 ${n} 张`, confirm: (time: string, sum: string) => `改乘 ${time} 的班次，${sum}。确定？`, refused: "不能改乘这一班", done: "改乘已受理", lost: "结果还不确定，请再点一次，不会重复办理" },
  invoice: { title: "发票抬头", tax: "税号", email: "接收邮箱", titlePlaceholder: "姓名或单位名称", taxPlaceholder: "单位抬头必填", emailPlaceholder: "选填", submit: "提交", done: "已提交，开好后发到邮箱", need: "请填写发票抬头", known: "从常用抬头选择", mine: "发票", number: "发票号码" },
};
