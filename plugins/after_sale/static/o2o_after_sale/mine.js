// 我的订单: what the shopper sees and presses. The API decides; what was typed stays until it was accepted.
(function () {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const words = JSON.parse($("words").textContent);
  const yuan = (text) => "¥" + Number(text || 0).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const time = (text) => new Date(text).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const SIDES = { BUYER: "我", SELLER: "商家", PLATFORM: "平台" };
  const KINDS = Object.fromEntries(words.kinds);
  const REASONS = Object.fromEntries(words.reasons);
  const TOPICS = { ...Object.fromEntries(words.topics), AFTER_SALE: "售后纠纷" };
  let turn = 0;
  let busy = false;

  function newKey() {
    if (window.crypto && crypto.randomUUID) { return crypto.randomUUID(); }
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
  }
  function make(tag, text, className, ...inside) {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) { made.textContent = text; }
    if (className) { made.className = className; }
    made.append(...inside.filter(Boolean));
    return made;
  }
  function press(text, className, action) {
    const made = make("button", text, className);
    made.type = "button";
    made.addEventListener("click", () => once(action));
    return made;
  }
  function go(text, href, className) {
    const made = make("a", text, className || "plain");
    made.href = href;
    return made;
  }
  function facts(rows) {
    const list = make("dl", null, "facts");
    rows.filter((row) => row[1] !== null && row[1] !== undefined && row[1] !== "").forEach(([name, value]) => list.append(make("dt", name), make("dd", value)));
    return list;
  }
  function complain(error, box) {
    const place = box || $("alert");
    place.replaceChildren(make("span", error.message || "没有办成"));
    if (error.hint) { place.append(make("small", error.hint)); }
    place.hidden = false;
    place.scrollIntoView({ block: "nearest" });
  }
  function say(text) { $("said").textContent = text; $("said").hidden = !text; }
  // One thing at a time: a second click while the first is under way does nothing.
  async function once(action) {
    if (busy) { return; }
    busy = true;
    document.body.classList.add("is-busy");
    $("alert").hidden = true;
    try { await action(); } catch (error) {
      if (error instanceof Error) { throw error; }
      if (MineApi.known) { complain(error); }
    } finally { busy = false; document.body.classList.remove("is-busy"); }
  }
  const reload = (text) => show(text);

  // -- orders ------------------------------------------------------------------------------------

  function goods(parts) {
    const list = make("ul", null, "goods");
    parts.flatMap((part) => part.lines).forEach((line) => list.append(make("li", null, "", make("span", line.productName + (line.variantName ? " " + line.variantName : "")), make("span", "× " + line.quantity, "muted"))));
    return list;
  }
  function actionsOf(order, whole) {
    const box = make("div", null, "buttons");
    const can = (code) => order.actions.includes(code);
    if (can("PAY")) {
      box.append(press("去付款", "go", async () => { window.location.assign((await MineApi.pay(order.token)).h5Url); }));
    }
    if (can("RECEIVE")) {
      box.append(press("确认收货", "go", async () => {
        if (window.confirm("请确认商品都已收到。确认后开始计算售后期。")) { await MineApi.receive(order.number); await reload("已确认收货"); }
      }));
    }
    if (whole && can("CANCEL")) {
      box.append(press("取消订单", "quiet", async () => {
        if (window.confirm("取消这张订单？")) { await MineApi.cancel(order.number); await reload("订单已取消"); }
      }));
    }
    if (can("REORDER")) {
      box.append(press("再来一单", "plain", async () => {
        const told = await MineApi.reorder(order.number);
        say("已放进新的购物车" + (told.changes.length ? "：" + told.changes.map((one) => one.name + " " + one.words).join("；") : ""));
      }));
    }
    return box;
  }
  function orderCard(order) {
    const head = make("p", null, "row", make("span", order.lineLabel + " · " + time(order.placedAt), "muted"), make("b", order.stateLabel, "state state-" + order.state));
    const card = make("article", null, "card", head, goods(order.subOrders));
    card.append(make("p", null, "row", make("span", order.cancelLabel || "", "muted"), make("b", yuan(order.total) + (Number(order.refunded) ? "（已退 " + yuan(order.refunded) + "）" : ""))));
    const box = actionsOf(order, false);
    box.prepend(go("查看详情", "#/order/" + order.number));
    card.append(box);
    return card;
  }
  async function orders(view, tab) {
    const state = { tab: tab || "ALL", search: "" };
    const tabs = make("div", null, "chips");
    const list = make("div", null, "list");
    const more = press("更多", "plain wide", () => read(true));
    const find = make("form", null, "find");
    const word = make("input");
    word.type = "search";
    word.placeholder = "订单号或商品名称";
    word.setAttribute("aria-label", word.placeholder);
    find.append(word, make("button", "搜索", "plain"));
    find.addEventListener("submit", (event) => { event.preventDefault(); state.search = word.value.trim(); once(() => read(false)); });
    view.append(find, tabs, list, more);
    async function read(onward) {
      const found = await MineApi.orders(state.tab, state.search, onward ? state.cursor : null);
      state.cursor = found.cursor;
      tabs.replaceChildren(...found.tabs.map((one) => {
        const made = go(one.label + (one.count ? " " + one.count : ""), "#/orders/" + one.tab, one.tab === state.tab ? "chip on" : "chip");
        return made;
      }));
      if (!onward) { list.replaceChildren(); }
      list.append(...found.items.map(orderCard));
      if (!list.children.length) { list.append(make("p", "没有订单", "empty")); }
      more.hidden = !found.cursor;
    }
    await read(false);
  }
  function part(one) {
    const card = make("article", null, "card", make("p", null, "row", make("span", one.seller + " · " + one.modeLabel, "muted"), make("b", one.stateLabel, "state state-" + one.state)));
    one.lines.forEach((line) => card.append(make("div", null, "line", make("span", line.productName + (line.variantName ? " " + line.variantName : "")), make("span", yuan(line.unitPrice) + " × " + line.quantity, "muted"), make("b", yuan(line.total)))));
    card.append(facts([
      ["商品", yuan(one.goods)], ["优惠", Number(one.discount) ? "-" + yuan(one.discount) : ""], ["运费", yuan(one.shipping)],
      ["礼品卡等抵扣", Number(one.prepaid) ? "-" + yuan(one.prepaid) : ""], ["应付", yuan(one.total)],
      ["自动收货", one.receiveBy ? time(one.receiveBy) : ""], ["售后截止", one.afterSaleUntil ? time(one.afterSaleUntil) : ""],
    ]));
    const box = make("div", null, "buttons");
    if (one.actions.includes("AFTER_SALE")) { box.append(go("申请售后", "#/apply/" + one.number)); }
    if (!/^PENDING_PAYMENT$/.test(one.state)) { box.append(go("投诉", "#/complain/" + one.number, "quiet")); }
    card.append(box);
    return card;
  }
  async function order(view, number) {
    const found = await MineApi.order(number);
    if (!found) { view.append(make("p", "没有这张订单", "empty")); return; }
    const lead = { PENDING_PAYMENT: found.payBy ? "请在 " + time(found.payBy) + " 前付款" : "", CLOSED: found.cancelLabel }[found.state];
    view.append(make("section", null, "hero", make("h2", found.stateLabel), lead ? make("p", lead) : null));
    view.append(facts([["订单号", found.number], ["业务", found.lineLabel], ["下单", time(found.placedAt)], ["付款", found.paidAt ? time(found.paidAt) : ""], ["金额", yuan(found.total)], ["已退", Number(found.refunded) ? yuan(found.refunded) : ""]]));
    view.append(actionsOf(found, true), ...found.subOrders.map(part));
    const story = make("ol", null, "story");
    [...found.timeline].reverse().forEach((one) => story.append(make("li", null, "", make("small", time(one.at)), make("span", one.text))));
    view.append(make("h2", "进度"), story);
  }

  // -- asking -------------------------------------------------------------------------------------

  function field(label, control) { return make("label", label, "", control); }
  function choice(pairs) {
    const made = make("select");
    pairs.forEach(([value, text]) => { const one = make("option", text); one.value = value; made.append(one); });
    return made;
  }
  function typed(kind, most) {
    const made = make(kind);
    if (most) { made.maxLength = most; }
    return made;
  }
  function photos() {
    const made = make("input");
    made.type = "file";
    made.accept = "image/*";
    made.multiple = true;
    return made;
  }
  function form(send, ...inside) {
    const made = make("form", null, "card form", ...inside, make("button", "提交", "go wide"));
    made.noValidate = true;
    made.addEventListener("submit", (event) => { event.preventDefault(); once(send); });
    return made;
  }
  async function apply(view, number) {
    const found = await MineApi.offer(number);
    if (!found || (!found.mayApply && !found.repairUntil)) { view.append(make("p", "这部分订单现在不能申请售后", "empty")); return; }
    const key = newKey();
    const kinds = words.kinds.filter(([value]) => value === "REFUND" || (value === "REPAIR" && found.repairUntil) || found.mayReturn);
    const kind = choice(kinds);
    const reason = choice(words.reasons);
    const text = typed("textarea", 500);
    const files = photos();
    const rows = found.lines.map((line) => {
      const count = typed("input");
      count.inputMode = "numeric";
      count.value = line.isOpen ? "0" : String(line.quantity);
      const swap = choice([["", "同样的"], ...found.swaps.filter((one) => one.lineId === line.lineId).map((one) => [one.variantId, one.name + (one.inStock ? "" : "（现在没货）")])]);
      const note = make("p", null, "muted");
      const box = make("fieldset", null, "", make("legend", line.productName), note, field("数量", count), field("换成", swap));
      box.disabled = line.isOpen;
      return { line, count, swap, note, box };
    });
    function follow() {
      rows.forEach((row) => {
        const returns = kind.value !== "REFUND";
        row.note.textContent = row.line.isOpen ? "已有进行中的售后" : (returns ? `可办理 ${row.line.returnable} 件` : `可退 ${row.line.quantity} 件，最多 ${yuan(row.line.amount)}`);
        row.swap.parentElement.hidden = kind.value !== "EXCHANGE";
        if (!row.line.isOpen && Number(row.count.value) > (returns ? row.line.returnable : row.line.quantity)) { row.count.value = String(returns ? row.line.returnable : row.line.quantity); }
      });
    }
    kind.addEventListener("change", follow);
    view.append(form(async () => {
      const lines = rows.filter((row) => !row.line.isOpen && Number(row.count.value)).map((row) => ({
        lineId: row.line.lineId, quantity: Math.trunc(Number(row.count.value)) || 0,
        ...(kind.value === "EXCHANGE" && row.swap.value ? { swapFor: row.swap.value } : {}),
      }));
      if (!lines.length) { throw { message: "请填写要办理的数量" }; }
      const made = await MineApi.apply(key, { subOrderNumber: number, kind: kind.value, reason: reason.value, text: text.value, lines }, [...files.files]);
      window.location.hash = "#/sale/" + made.number;
    }, field("要办什么", kind), ...rows.map((row) => row.box), field("原因", reason), field("说明（选“其他”时必填）", text), field("照片（最多 6 张）", files),
    Number(found.freight) && !found.lines.some((line) => line.returnable) ? make("p", `未发货的整单退款，运费 ${yuan(found.freight)} 一并退回`, "muted") : null));
    follow();
  }
  function complainAbout(view, number) {
    const key = newKey();
    const topic = choice(words.topics);
    const text = typed("textarea", 500);
    const files = photos();
    view.append(form(async () => {
      const made = await MineApi.complain(key, number, topic.value, text.value, [...files.files]);
      window.location.hash = "#/complaint/" + made.number;
    }, make("p", "由区县客服受理，商家先申诉；退款请先申请售后，被拒后可申请仲裁。", "muted"), field("主题", topic), field("经过", text), field("照片（最多 6 张）", files)));
  }

  // -- after-sales and complaints -----------------------------------------------------------------

  function saleCard(sale) {
    const list = make("ul", null, "goods");
    sale.lines.forEach((line) => list.append(make("li", null, "", make("span", line.productName), make("span", line.quantity ? "× " + line.quantity : "差价", "muted"))));
    const card = go("", "#/sale/" + sale.number, "card");
    card.append(make("p", null, "row", make("span", KINDS[sale.kind] + " · " + time(sale.createdAt), "muted"), make("b", sale.stateText, "state state-" + sale.state)), list,
      make("p", null, "row", make("span", sale.dueAt ? time(sale.dueAt) + " 前" : "", "muted"), make("b", sale.kind === "EXCHANGE" || sale.kind === "REPAIR" ? "" : yuan(sale.agreed === null ? sale.amount : sale.agreed))));
    return card;
  }
  async function paged(view, read, draw, empty) {
    const list = make("div", null, "list");
    const more = press("更多", "plain wide", next);
    view.append(list, more);
    async function next() {
      const found = await read(list.children.length);
      list.append(...found.map(draw));
      more.hidden = found.length < 20;
      if (!list.children.length) { list.append(make("p", empty, "empty")); }
    }
    await next();
  }
  async function sale(view, number) {
    const found = await MineApi.sale(number);
    if (!found) { view.append(make("p", "没有这张售后单", "empty")); return; }
    view.append(make("section", null, "hero", make("h2", found.stateText), found.dueAt ? make("p", time(found.dueAt) + " 前") : null));
    const table = make("article", null, "card");
    found.lines.forEach((line) => table.append(make("div", null, "line", make("span", line.productName + (line.wanted ? " → " + line.wanted : "")), make("span", line.quantity ? "× " + line.quantity : "差价", "muted"), make("b", yuan(line.agreed === null ? line.amount : line.agreed)))));
    view.append(table, facts([
      ["售后单号", found.number], ["类型", KINDS[found.kind]], ["原因", REASONS[found.reason]], ["说明", found.text], ["申请", time(found.createdAt)],
      ["申请金额", found.kind === "REFUND" || found.kind === "RETURN" ? yuan(found.amount) : ""], ["同意退款", found.agreed === null ? "" : yuan(found.agreed)],
      ["其中运费", Number(found.freight) ? yuan(found.freight) : ""], ["商家答复", found.answer], ["寄回地址", found.returnTo],
      ["寄回运费", found.returnTo ? (found.bearer === "SELLER" ? "商家承担" : "自己承担") : ""], ["寄回运单", found.waybill ? found.carrier + " " + found.waybill : ""],
      ["寄出运单", found.outWaybill ? found.outCarrier + " " + found.outWaybill : ""],
    ]));
    if (found.evidence.length) {
      const box = make("div", null, "photos");
      found.evidence.forEach((one, n) => { const img = make("img"); img.src = "data:image/jpeg;base64," + one.data; img.alt = SIDES[one.party] + "的照片 " + (n + 1); box.append(img); });
      view.append(box);
    }
    const box = make("div", null, "buttons");
    if (found.state === "OFFERED") {
      view.append(make("p", "商家建议改为退款，请您决定；不答复视为不同意。", "muted"));
      box.append(press("同意改为退款", "go", async () => { await MineApi.choose(number, true); await reload("已同意"); }), press("不同意", "plain", async () => { await MineApi.choose(number, false); await reload("已答复"); }));
    }
    if (found.state === "SENT") { box.append(press("已收到", "go", async () => { await MineApi.arrived(number); await reload("售后完成"); })); }
    if (found.complaint) { box.append(go("仲裁：" + found.complaint.stateText, "#/complaint/" + found.complaint.number)); }
    if (["APPLIED", "TO_RETURN", "REFUSED", "GOODS_REFUSED"].includes(found.state)) {
      box.append(press("撤销申请", "quiet", async () => { if (window.confirm("撤销这份售后申请？")) { await MineApi.withdraw(number); await reload("已撤销"); } }));
    }
    if (["TO_RETURN", "TO_RECEIVE"].includes(found.state) && found.carrier !== "柜台交回") {
      const carrier = typed("input", 40);
      const waybill = typed("input", 40);
      carrier.value = found.carrier || "中国邮政";
      waybill.value = found.waybill;
      view.append(form(async () => { await MineApi.shipBack(number, carrier.value, waybill.value); await reload("已登记"); }, make("p", found.state === "TO_RETURN" ? "寄出后填运单号；也可以把商品交到网点柜台。" : "运单号填错了可以更正。", "muted"), field("快递公司", carrier), field("运单号", waybill)));
    }
    if (["REFUSED", "GOODS_REFUSED"].includes(found.state)) {
      const key = newKey();
      const text = typed("textarea", 500);
      const files = photos();
      view.append(form(async () => { const made = await MineApi.arbitrate(key, number, text.value, [...files.files]); window.location.hash = "#/complaint/" + made.number; }, make("p", "不同意商家的答复，可以请平台仲裁。", "muted"), field("理由", text), field("照片（最多 6 张）", files)));
    }
    view.append(box);
  }
  function complaintCard(one) {
    const card = go("", "#/complaint/" + one.number, "card");
    card.append(make("p", null, "row", make("span", TOPICS[one.topic] + " · " + time(one.createdAt), "muted"), make("b", one.stateText, "state state-" + one.state)), make("p", one.statements.length ? one.statements[0].text : ""));
    return card;
  }
  async function complaint(view, number) {
    const found = (await MineApi.complaints(0)).find((one) => one.number === number);
    if (!found) { view.append(make("p", "没有这张投诉单", "empty")); return; }
    view.append(make("section", null, "hero", make("h2", found.stateText), found.dueAt ? make("p", time(found.dueAt) + " 前") : null));
    view.append(facts([["投诉单号", found.number], ["主题", TOPICS[found.topic]], ["售后单", found.afterSaleNumber], ["裁决", found.forBuyer === null ? "" : (found.forBuyer ? "支持买家" : "不支持买家") + (Number(found.amount) ? "，退款 " + yuan(found.amount) : "")], ["裁决意见", found.ruling]]));
    const talk = make("ol", null, "talk");
    found.statements.forEach((one) => talk.append(make("li", null, one.party.toLowerCase(), make("small", SIDES[one.party] + " · " + time(one.at)), make("span", one.text))));
    view.append(talk);
    if (["NEW", "APPEAL", "DIALOGUE", "RULING"].includes(found.state)) {
      const text = typed("textarea", 500);
      const files = photos();
      view.append(form(async () => { await MineApi.say(number, text.value, [...files.files]); await reload("已补充"); }, field("补充说明", text), field("照片（最多 6 张）", files)));
      view.append(make("div", null, "buttons", press("撤销投诉", "quiet", async () => { if (window.confirm(found.afterSaleNumber ? "撤销后售后申请也随之撤销，确定吗？" : "撤销这份投诉？")) { await MineApi.dropComplaint(number); await reload("已撤销"); } })));
    }
  }

  // -- which page ---------------------------------------------------------------------------------

  const PAGES = {
    orders: ["我的订单", orders], order: ["订单详情", order, "#/orders"], apply: ["申请售后", apply, "#/orders"], complain: ["投诉", complainAbout, "#/orders"],
    sales: ["我的售后", (view) => paged(view, MineApi.sales, saleCard, "没有售后")], sale: ["售后详情", sale, "#/sales"],
    complaints: ["我的投诉", (view) => paged(view, (skip) => (skip ? [] : MineApi.complaints(0)), complaintCard, "没有投诉")], complaint: ["投诉详情", complaint, "#/complaints"],
  };
  async function show(text) {
    $("gate").hidden = MineApi.known;
    $("app").hidden = !MineApi.known;
    if (!MineApi.known) { return; }
    const [, name, argument] = window.location.hash.split("/");
    const [title, draw, up] = PAGES[name] || PAGES.orders;
    const mine = ++turn;
    const view = make("div");
    $("title").textContent = title;
    document.title = title + " · 渝邮生活";
    $("back").hidden = !up;
    $("nav").hidden = Boolean(up);
    [...$("nav").children].forEach((one) => one.classList.toggle("on", one.getAttribute("href") === "#/" + (PAGES[name] ? name : "orders")));
    $("alert").hidden = true;
    say(text || "");
    try { await draw(view, argument && decodeURIComponent(argument)); } catch (error) {
      if (error instanceof Error) { throw error; }
      if (mine === turn && MineApi.known) { complain(error); }
    }
    if (mine === turn) { $("view").replaceChildren(view); }
  }

  MineApi.onLoggedOut(() => show());
  $("loginForm").addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    $("gateAlert").hidden = true;
    if (busy) { return; }
    busy = true;
    document.body.classList.add("is-busy");
    MineApi.login(given.get("email"), given.get("password")).then(() => show()).catch((error) => complain(error, $("gateAlert"))).finally(() => { busy = false; document.body.classList.remove("is-busy"); });
  });
  $("logout").addEventListener("click", () => { MineApi.logout(); $("view").replaceChildren(); show(); });
  $("back").addEventListener("click", () => { if (window.history.length > 1) { window.history.back(); } else { window.location.hash = "#/orders"; } });
  window.addEventListener("hashchange", () => { window.scrollTo(0, 0); show(); });
  show();
}());
