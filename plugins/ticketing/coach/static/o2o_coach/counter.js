// 汽车票售票: destination by initials, Enter, bus, passengers by scanner, Enter, cash, Enter. Everything by the keyboard.
// With `options.change` (改签) the passengers are those of the old tickets: Enter on a bus, Enter, the difference, Enter.
(function () {
  "use strict";

  const options = JSON.parse(document.getElementById("coachOptions").textContent);
  const $ = (id) => document.getElementById(id);
  const counter = window.o2oCounter(
    options,
    { passengers: "rider", rider: "rider", name: "rider", number: "rider", document: "rider", birth: "rider", shift: "goal", seats: "rider", mobile: "mobile", goal: "goal", day: "day", start: "start", tendered: "tendered" },
    "恢复后再按一次，不会重复占座或收款", "coach",
  );
  const { newKey, make, mark, complain, calm, once, isBusy, mine, till, byPhone } = counter;
  let start = options.change ? options.change.start : options.start;
  let goals = [];
  let shown = [];
  let picked = 0;
  let goal = null;
  let shifts = [];
  let at = 0;
  let bus = null;
  let riders = [];
  let member = "";
  let chosen = [];
  let plan = [];
  let key = "";
  let most = "";
  let order = null;
  const before = options.change || null;
  let offer = null;
  let changed = null;
  // the trip is paid, or the difference of a change
  const money = window.o2oTill(counter, {
    due: () => changed ? { key, number: "ticket_changes:" + changed.number, amount: changed.toPay } : { key, number: order.number, amount: order.total },
    placed: () => { $("payClock").textContent = until(); },
    over: finish,
  });

  const yuan = (text) => "¥" + Number(text || 0).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  // -- where from, where to ------------------------------------------------------------
  options.stations.forEach((one) => { const option = make("option"); option.value = one.name; $("startList").append(option); });
  $("start").value = before ? before.startName : (options.stations.find((one) => one.code === start) || { name: "" }).name;
  $("day").value = before ? before.day : options.today;
  // the day that the clerk or an order said; until then the first one that may still have buses, which the server knows
  let said = Boolean(before);

  const fits = (one, typed) => [one.name, one.initials, one.pinyin, ...one.aliases.split(" ")].some((word) => word && word.toLowerCase().startsWith(typed))
    || one.aliases.split(" ").some((word) => word.includes(typed));

  async function load() {
    goals = (await mine("goals", { start })).goals;
    filter();
  }
  function filter() {
    const typed = $("goal").value.trim().toLowerCase();
    shown = typed ? goals.filter((one) => fits(one, typed)).slice(0, 12) : goals.slice(0, 12);
    picked = 0;
    const list = $("goals");
    list.replaceChildren(...shown.map((one, index) => {
      const item = make("li", one.name + "　" + one.initials);
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === picked));
      item.addEventListener("click", () => { picked = index; search(); });
      return item;
    }));
    list.hidden = !shown.length;
  }

  function search() {
    goal = shown[picked] || null;
    if (!goal) { complain($("alert"), { message: "没有这个到站", hint: "请换上车站或核对到站", field: "goal" }); return; }
    $("goal").value = goal.name;
    once(async () => {
      const told = await mine("shifts", { start, goal: goal.code, day: said ? $("day").value.trim() : "" });
      shifts = told.shifts;
      $("day").value = told.day;
      at = 0;
      draw();
      if (shifts.length) { $("shifts").focus(); $("goals").hidden = true; }
    });
  }
  function price(one, fare) { const found = one.fares.find((told) => told.fare === fare); return found ? found.price : null; }
  function draw() {
    $("shifts").replaceChildren(...shifts.map((one, index) => {
      const row = make("tr");
      const when = one.flow ? one.departs + "—" + one.last + " 流水" : one.departs;
      const left = one.left === null ? "有" : one.left;
      [when, one.number + (one.extra ? " 加班" : ""), one.vehicle, one.arrives, left, yuan(price(one, "full")), price(one, "half") ? yuan(price(one, "half")) : "—"].forEach((text) => row.append(make("td", text)));
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(index === at));
      row.addEventListener("click", () => { at = index; take(); });
      return row;
    }));
    mark($("shifts"), at);
    $("shiftHint").textContent = shifts.length ? "↑↓ 选班次，回车确定" : goal ? "这一天没有可售的班次，按 + 看后一天" : "输入到站首字母，回车查询；↑↓ 选班次，回车确定";
  }
  function take() {
    bus = shifts[at];
    if (!bus) { return; }
    mark($("shifts"), at);
    plan = []; chosen = [];
    $("seats").hidden = true; $("seatsButton").hidden = bus.flow;
    $("chosen").textContent = bus.start + " → " + bus.goal + "　" + $("day").value + " " + (bus.flow ? "流水班" : bus.departs);
    calm(); list();
    $("rider").focus();
  }

  // -- who -----------------------------------------------------------------------------
  // A reader types "姓名 证件号" or the number alone; h: half, x: a child on the lap, hg, xg: measured at the window.
  // A child without a document, by its adult's: "姓名 20180607 h".
  function read(text) {
    let told = text.trim().replace(/[|,，;；\t]+/g, " ");
    let fare = "full";
    let byHeight = false;
    const end = told.match(/\s([hx])(g?)$/i);
    if (end) { fare = end[1].toLowerCase() === "h" ? "half" : "free"; byHeight = Boolean(end[2]); told = told.slice(0, end.index).trim(); }
    const parts = told.split(/\s+/);
    const number = parts.pop() || "";
    const born = /^((?:19|20)\d{2})-?(\d{2})-?(\d{2})$/.exec(number);
    if (born && fare !== "full") { return { name: parts.join(" "), number: "", birth: born.slice(1).join("-"), shown: "随成人证件", fare, byHeight }; }
    return { byHeight, name: parts.join(" "), number, fare, document: /^[EGDSPH]\d{7,8}$/i.test(number) ? "passport" : "id_card" };
  }
  function add() {
    const typed = $("rider").value.trim();
    if (!typed) { if (riders.length) { hold(); } return; }
    if (before) { complain($("alert"), { message: "改签只能是原票的乘客", hint: "其他人请退出改签后另外购票", field: "passengers" }); return; }
    if (/^1\d{10}$/.test(typed) || /^[A-Z]{1,3}\d{8,}$/i.test(typed) && !/\s/.test(typed) && !/^[EG]\d{8}$/i.test(typed)) { look(typed); return; }
    const one = read(typed);
    if (!one.name) { complain($("alert"), { message: "请输入“姓名 证件号”", hint: "读卡器会一并读出姓名", field: "passengers" }); return; }
    riders.push(one);
    $("rider").value = "";
    calm(); list();
  }
  function look(text) {
    once(async () => {
      const told = await mine("people", { member: text });
      if (!told.member) { throw { message: "没有这位会员，或不在管辖范围", hint: "请直接扫乘客证件", field: "passengers" }; }
      member = text;
      if (/^1\d{10}$/.test(text)) { $("mobile").value = text; }
      $("rider").value = "";
      $("people").replaceChildren(...told.people.map((one, index) => {
        const item = make("li", (index + 1) + ". " + one.name + " " + one.document + " " + one.kind);
        item.tabIndex = 0;
        const choose = () => { riders.push({ saved: one.id, name: one.name, shown: one.document, fare: /儿童/.test(one.kind) ? "half" : "full" }); list(); $("rider").focus(); };
        item.addEventListener("click", choose);
        item.addEventListener("keydown", (event) => { if (event.key === "Enter") { choose(); } });
        return item;
      }));
    });
  }
  // -- seats, where the customer wants certain ones; without a choice the network puts a party side by side ------------
  const needed = () => riders.filter((one) => one.fare !== "free").length;
  function seats() {
    if (!bus || bus.flow) { return; }
    once(async () => {
      plan = (await mine("seats", { shift: bus.id, goal: bus.goalCode })).seats;
      if (!plan.length) { $("seatHint").textContent = "这个客票网不提供座位图，由客票网排座"; }
      $("seats").hidden = false;
      drawSeats();
      const first = $("seatPlan").querySelector("button:not(:disabled)");
      if (first) { first.focus(); }
    });
  }
  function drawSeats() {
    const rows = [];
    for (let at = 0; at < plan.length; at += 4) {
      const row = make("div");
      plan.slice(at, at + 4).forEach((one) => {
        const seat = make("button", one.number);
        seat.type = "button"; seat.className = "coach-seat is-" + one.state; seat.title = one.label;
        seat.disabled = one.state !== "2";
        seat.setAttribute("aria-pressed", String(chosen.includes(one.number)));
        seat.addEventListener("click", () => toggle(one.number));
        row.append(seat);
      });
      rows.push(row);
    }
    $("seatPlan").replaceChildren(...rows);
    if (plan.length) { $("seatHint").textContent = chosen.length ? "已选 " + chosen.join("、") + "；Esc 回到乘客" : "方向键移动，空格选座，Esc 回到乘客；不选由客票网排座"; }
  }
  function toggle(number) {
    chosen = chosen.includes(number) ? chosen.filter((one) => one !== number) : [...chosen, number];
    key = newKey();
    drawSeats();
    [...$("seatPlan").querySelectorAll("button")].find((one) => one.textContent === number).focus();
  }
  function move(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -4, ArrowDown: 4 }[event.key];
    if (event.key === "Escape") { event.preventDefault(); $("seats").hidden = true; $("rider").focus(); return; }
    if (!step) { return; }
    event.preventDefault();
    const all = [...$("seatPlan").querySelectorAll("button")];
    let place = all.indexOf(document.activeElement) + step;
    while (all[place] && all[place].disabled) { place += step; }
    if (all[place]) { all[place].focus(); }
  }
  const NAMES = { full: "全票", half: "半票", free: "携童" };
  function list() {
    $("riders").replaceChildren(...riders.map((one, index) => {
      const item = make("li", one.name + " " + (one.shown || "****" + one.number.slice(-4)) + " " + NAMES[one.fare] + (one.byHeight ? "（按身高）" : ""));
      const kind = make("button", "换票类"); kind.type = "button"; kind.hidden = Boolean(before);
      kind.addEventListener("click", () => { one.fare = { full: "half", half: "free", free: "full" }[one.fare]; if (one.fare === "full") { one.byHeight = false; } list(); });
      const tall = make("button", "按身高"); tall.type = "button";
      tall.hidden = Boolean(before) || one.fare === "full" || !(bus && bus.byHeight);
      tall.setAttribute("aria-pressed", String(Boolean(one.byHeight)));
      tall.addEventListener("click", () => { one.byHeight = !one.byHeight; list(); });
      const away = make("button", "删"); away.type = "button";
      away.addEventListener("click", () => { riders.splice(index, 1); list(); });
      item.append(kind, tall, away);
      return item;
    }));
    key = newKey(); most = "";
    sum();
  }
  // Of what the fares of the people are made, each kind once.
  function madeOf() {
    if (!bus) { return ""; }
    return bus.fares.filter((one) => one.parts && riders.some((rider) => rider.fare === one.fare)).map((one) => one.name + "（" + one.parts + "）").join("　");
  }
  function total() { return riders.reduce((sum, one) => sum + Math.round(Number(price(bus, one.fare) || 0) * 100), 0); }
  function sum() {
    $("total").textContent = yuan(bus ? total() / 100 : 0);
    $("madeOf").textContent = madeOf();
    $("holdButton").disabled = !(bus && riders.length);
  }

  // -- the seats, then the money -------------------------------------------------------
  function hold() {
    if (!bus || !riders.length || $("pay").open || counter.undecided()) { return; }
    if (chosen.length && chosen.length !== needed()) {
      complain($("alert"), { message: "选了 " + chosen.length + " 个座位，需要 " + needed() + " 个（携童不占座）", hint: "按 F5 改座位，或全部取消由客票网排座" });
      return;
    }
    once(async () => {
      try {
        order = (await mine("hold", { key, seats: chosen, shift: bus.id, goal: bus.goalCode, riders, member, mobile: $("mobile").value, contact: before || riders[0].saved ? "" : riders[0].name, insteadOf: before ? before.order : "", phone: byPhone(),
          // no more than what stands here; what a change comes to is shown before it is done
          most: before ? "" : most || (total() / 100).toFixed(2) })).order;
      } catch (error) {
        if (error.code !== "PRICE_CHANGED" || !error.details || !error.details.total) { throw error; }
        risen(error);
        return;
      }
      await place();
    });
  }
  // Enter and F4 go no higher than what stood here before.
  function risen(error) {
    const now = error.details.total;
    const was = most || (total() / 100).toFixed(2);
    key = newKey();
    $("total").textContent = yuan(now);
    counter.dearer({
      after: $("total").parentElement, was: yuan(was), now: yuan(now), words: error.details.why || "",
      agree: () => { most = now; hold(); },
      back: () => { sum(); $("rider").focus(); },
    });
  }
  async function place() {
    show();
    if (order.state === "holding") { again(); return; }
    if (order.state !== "held") { finish(); return; }
    await money.attempt(before && !changed ? propose : money.place);
  }
  // -- 改签: what it comes to, then exactly that ------------------------------------------
  async function propose() {
    offer = await mine("change_offer", { order: before.order, target: order.number, tickets: riders.map((one) => one.ticket) });
    $("payWays").hidden = true; $("agreeForm").hidden = false; $("payClock").textContent = "";
    $("payLabel").textContent = Number(offer.net) < 0 ? "应退" : "应补";
    $("payTotal").textContent = yuan(Math.abs(Number(offer.net)));
    $("offer").replaceChildren(...offer.lines.map((one) => { const row = make("div"); row.append(make("dt", one.label), make("dd", one.words)); return row; }));
    $("otherCause").href = before.page + "?target=" + encodeURIComponent(order.number);
    $("agree").disabled = !offer.allowed;
    (offer.allowed ? $("agree") : $("disagree")).focus();
  }
  const due = (net) => (Number(net) < 0 ? "应退 " : "应补 ") + yuan(Math.abs(Number(net)));
  function agree() {
    if ($("agree").disabled) { return; }
    once(async () => {
      try {
        changed = (await mine("change", { key, order: before.order, target: order.number, tokens: offer.tokens })).change;
      } catch (error) {
        if (!/^QUOTE_/.test(error.code || "")) { throw error; }
        const was = offer.net;
        await propose();
        if (!offer.allowed || Number(offer.net) <= Number(was)) { throw error; }
        // the customer gives more, or gets less, than was shown
        $("agree").disabled = true;
        counter.dearer({
          after: $("payTotal").parentElement, was: due(was), now: due(offer.net),
          agree: () => { $("agree").disabled = false; agree(); }, back: leave,
        });
        return;
      }
      $("agreeForm").hidden = true;
      if (changed.state === "to_pay") { await money.attempt(money.place); } else { finish(); }
    });
  }
  const CHANGED = { done: "已改签，新票有效", refused: "改签未成，原票仍有效，已收的差价退回", closed: "改签已取消，原票仍有效" };

  const until = () => order.until ? "请在 " + order.until.slice(11, 16) + " 前收款，过时座位释放" : "";
  // Nothing is taken before it is placed: a key that comes too early does not count for money.
  function show() {
    $("payTitle").textContent = order.title;
    $("payState").textContent = order.stateLabel;
    if (!before) { $("payTotal").textContent = yuan(order.total); }
    $("payClock").textContent = order.state === "holding" ? "客票网还没有答复，正在查询…" : "正在下单…";
    // nothing is taken before there is a sale to take it for
    $("payWays").hidden = true; $("agreeForm").hidden = true; $("done").hidden = true;
    if (!$("pay").open) { $("pay").showModal(); }
  }
  function again() {
    money.later(async () => {
      try {
        order = (await mine("standing", { number: order.number })).order;
        if (changed) { changed = (await mine("change_standing", { number: changed.number })).change; }
      } catch (error) { complain($("payAlert"), error); again(); return; }
      calm();
      if (changed || money.sale) { finish(); } else { once(place); }
    });
  }
  $("byPhone").addEventListener("change", () => { key = newKey(); $("mobile").focus(); });
  $("agreeForm").addEventListener("submit", (event) => { event.preventDefault(); agree(); });
  $("disagree").addEventListener("click", () => leave());
  function finish() {
    $("payWays").hidden = true; $("done").hidden = false; $("payClock").textContent = "";
    const change = money.sale && Number(money.sale.change || 0) ? "找零 " + yuan(money.sale.change) + "。" : "";
    const over = changed ? CHANGED[changed.state] : { issued: "已出票", issue_failed: "出票失败，款项退回", hold_failed: "没有占到座位，没有收款", closed: "已关闭" }[order.state];
    // cash goes back over this counter; what was paid otherwise goes back by itself
    const back = !changed ? "" : changed.cash ? "请退给旅客 " + yuan(changed.cash) + "。" : Number(changed.back) ? "应退 " + yuan(changed.back) + (changed.unsettled ? "，正在办理。" : "，原路退回。") : "";
    $("payOut").hidden = !(changed && changed.payOut);
    if (changed && changed.payOut) { $("payOut").href = changed.payOut; }
    $("doneText").textContent = change + back + (over || (changed ? "正在改签…" : "已收款，正在出票…")) + ((changed || order).why ? " " + (changed || order).why : "");
    $("payState").textContent = order.stateLabel;
    $("pick").replaceChildren(...[...order.tickets.map((one) => ({ label: one.name + " " + one.fare, words: (one.seat ? one.seat + " 号座" : "不对号") + (chosen.length && one.seat && !chosen.includes(one.seat) ? "（所选座位已被选走，由客票网另排）" : "") + (one.parts ? "，" + one.parts : "") })), ...order.pick].map((one) => {
      const row = make("div"); row.append(make("dt", one.label), make("dd", one.words)); return row;
    }));
    $("printForm").action = order.print;
    $("printButton").disabled = order.state !== "issued";
    if (order.state === "issued") { $("printButton").focus(); } else if (!over) { again(); }
    if (over && changed && changed.unsettled) { again(); }
  }
  // Left without the money: the seats are free for others at once, nobody waits until the hold is over.
  function leave() {
    if (isBusy()) { return; }
    if (!before) { money.leave(order, next, $("shiftHint"), "座位已释放"); return; }
    const [sold, unpaid, held] = [money.sale, money.unpaid(order), order];
    once(async () => {
      if (sold && sold.state === "placed") { await till("cancel", { sale: sold.id, reason: "顾客放弃改签" }); }
      else if (changed && changed.state === "to_pay") { await mine("change_give_up", { number: changed.number }); }
      else if (unpaid && !changed) { await mine("give_up", { number: held.number }); }
      location.href = changed && changed.state === "done" ? location.pathname : before.back;
    });
  }
  function next() {
    money.forget();
    if ($("pay").open) { $("pay").close(); }
    riders = []; member = ""; chosen = []; plan = []; bus = null; $("seats").hidden = true; $("seatsButton").hidden = true; order = null; shifts = []; goal = null;
    $("people").replaceChildren(); $("mobile").value = ""; $("goal").value = ""; $("rider").value = ""; $("chosen").textContent = "";
    calm(); list(); draw(); filter();
    $("goal").focus();
  }

  // -- keys ----------------------------------------------------------------------------
  function shift(days) { said = counter.shift(days); if (said && goal) { search(); } }
  $("day").addEventListener("input", () => { said = Boolean($("day").value.trim()); });
  $("goal").addEventListener("input", () => { goal = null; filter(); });
  $("goal").addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); search(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); picked = Math.max(0, Math.min(shown.length - 1, picked + (event.key === "ArrowDown" ? 1 : -1))); mark($("goals"), picked); }
    if (event.key === "+" || event.key === "-") { event.preventDefault(); shift(event.key === "+" ? 1 : -1); }
  });
  $("day").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); if (goal) { search(); } else { $("goal").focus(); } } });
  $("start").addEventListener("change", () => {
    const found = options.stations.find((one) => one.name === $("start").value || one.initials === $("start").value.trim().toLowerCase());
    if (found) { start = found.code; $("start").value = found.name; goal = null; shifts = []; draw(); once(load); $("goal").focus(); }
  });
  $("shifts").addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); take(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); at = Math.max(0, Math.min(shifts.length - 1, at + (event.key === "ArrowDown" ? 1 : -1))); mark($("shifts"), at); $("shifts").children[at].scrollIntoView({ block: "nearest" }); }
    if (event.key === "+" || event.key === "-") { event.preventDefault(); shift(event.key === "+" ? 1 : -1); }
  });
  $("rider").addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); add(); }
    if (event.key === "Backspace" && !$("rider").value && riders.length) { event.preventDefault(); riders.pop(); calm(); list(); }
  });
  $("mobile").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); hold(); } });
  $("holdButton").addEventListener("click", hold);
  $("clear").addEventListener("click", leave);
  $("next").addEventListener("click", leave);
  $("giveUp").addEventListener("click", leave);
  $("seatsButton").addEventListener("click", seats);
  $("seatPlan").addEventListener("keydown", move);
  $("pay").addEventListener("cancel", (event) => { event.preventDefault(); leave(); });
  document.addEventListener("keydown", (event) => {
    const act = { F1: () => $("start").select(), F2: () => $("goal").select(), F3: () => $("rider").focus(), F4: hold, F5: seats, F6: () => $("mobile").focus(), F7: () => $("authCode").focus(), F8: () => $("tendered").select(), F9: leave }[event.key];
    if (act) { event.preventDefault(); act(); }
    if (event.key.toLowerCase() === "p" && !$("done").hidden && !$("printButton").disabled && event.target.tagName !== "INPUT") { event.preventDefault(); $("printForm").requestSubmit(); }
  });
  // whatever the frame of the page did meanwhile: the first key is the destination's
  $("goal").focus();
  once(load).then(() => {
    if (!before) { return; }
    riders = before.tickets.slice();
    list();
    shown = goals.filter((one) => one.code === before.goal); picked = 0;
    if (shown.length) { search(); }
  });
}());
