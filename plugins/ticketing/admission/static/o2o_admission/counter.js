// 门票售票: what, Enter, when, Enter, how many, Enter, cash, Enter. Everything by the keyboard.
(function () {
  "use strict";

  const options = JSON.parse(document.getElementById("admissionOptions").textContent);
  const $ = (id) => document.getElementById(id);
  const counter = window.o2oCounter(
    options,
    { product: "what", day: "day", tickets: "counts", counts: "counts", passengers: "person", people: "person", name: "person", number: "person", mobile: "mobile", tendered: "tendered" },
    "恢复后再按一次，不会重复占票或收款", "adm",
  );
  const { newKey, make, mark, complain, calm, once, isBusy, mine, byPhone } = counter;
  let shown = [];
  let picked = 0;
  let product = null;
  let times = [];
  let at = 0;
  let time = null;
  let people = [];
  let key = "";
  // what is agreed to: the prices of the classes as they were shown when the time was taken, or a total that was agreed
  let agreed = {};
  let most = "";
  let order = null;
  let eager = false;
  const money = window.o2oTill(counter, {
    due: () => ({ key, number: order.number, amount: order.total }),
    placed: () => { $("payClock").textContent = until(); },
    over: finish,
  });

  const yuan = (fen) => "¥" + (fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const fen = (text) => Math.round(Number(text || 0) * 100);

  // -- what, when ----------------------------------------------------------------------
  function filter() {
    const typed = $("what").value.trim().toLowerCase();
    shown = options.products.filter((one) => !typed || one.name.toLowerCase().includes(typed) || one.code.startsWith(typed)).slice(0, 12);
    picked = 0;
    $("products").replaceChildren(...shown.map((one, index) => {
      const item = make("li", one.name + "　" + one.code);
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === picked));
      item.addEventListener("click", () => { picked = index; search(); });
      return item;
    }));
  }
  function search() {
    product = shown[picked] || null;
    if (!product) { complain($("alert"), { message: "没有这个产品，或现在不在柜台销售", field: "product" }); return; }
    mark($("products"), picked);
    once(async () => {
      times = (await mine("times", { phone: byPhone(), product: product.code, day: $("day").value.trim() })).times;
      at = Math.max(0, times.findIndex((one) => one.classes.some((kind) => kind.open)));
      time = null; classes(); draw();
      if (times.length) { $("times").focus(); }
      if (eager) { take(); }
      eager = false;
    });
  }
  function draw() {
    $("times").replaceChildren(...times.map((one, index) => {
      const row = make("tr");
      const told = make("td");
      one.classes.forEach((kind) => told.append(make("span", kind.name + " " + yuan(fen(kind.price)) + " " + (kind.open ? "余 " + kind.left : "售完"))));
      row.append(make("td", one.label + (one.seated ? "（对号）" : "")), told);
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(index === at));
      row.addEventListener("click", () => { at = index; take(); });
      return row;
    }));
    mark($("times"), at);
    $("timeHint").textContent = times.length ? "↑↓ 选择，回车确定" : product ? "这一天没有可售的票，按 + 看后一天" : "输入名称或代码，回车查询";
  }
  function take() {
    time = times[at] || null;
    if (!time) { return; }
    mark($("times"), at);
    key = newKey(); most = ""; agreed = pricesOf(time);
    $("chosen").textContent = product.name + "　" + $("day").value + " " + time.label;
    classes();
    $("counts").select();
  }

  // -- how many, who -------------------------------------------------------------------
  function counts() {
    const typed = $("counts").value.trim().split(/[\s,，+]+/).filter(Boolean);
    return (time ? time.classes : []).map((kind, place) => ({ kind, count: /^\d{1,2}$/.test(typed[place] || "0") ? Number(typed[place] || 0) : 0 }));
  }
  const pricesOf = (one) => Object.fromEntries(one.classes.map((kind) => [kind.id, fen(kind.price)]));
  function bound() { return counts().reduce((sum, one) => sum + (agreed[one.kind.id] ?? 0) * one.count, 0); }
  function total() { return counts().reduce((sum, one) => sum + fen(one.kind.price) * one.count, 0); }
  function names() { return counts().reduce((sum, one) => sum + (one.kind.names === "each" ? one.count : one.kind.names === "one" ? Math.min(1, one.count) : 0), 0); }
  function classes() {
    const told = counts();
    $("classes").replaceChildren(...told.map((one) => {
      const item = make("li", one.kind.name + " " + yuan(fen(one.kind.price)));
      if (one.count) { item.append(make("b", "× " + one.count)); }
      return item;
    }));
    $("total").textContent = yuan(total());
    $("holdButton").disabled = !told.some((one) => one.count);
    $("peopleBox").hidden = !names();
  }
  function add() {
    const typed = $("person").value.trim().replace(/[|,，;；\t]+/g, " ");
    if (!typed) { hold(); return; }
    const parts = typed.split(/\s+/);
    const number = parts.pop();
    if (!parts.length) { complain($("alert"), { message: "请输入“姓名 证件号”", hint: "读卡器会一并读出姓名", field: "person" }); return; }
    people.push({ name: parts.join(" "), number, document: /^[EGDSPH]\d{7,8}$/i.test(number) ? "passport" : "id_card" });
    $("person").value = "";
    key = newKey();
    calm(); list();
    if (people.length >= names()) { hold(); }
  }
  function list() {
    $("people").replaceChildren(...people.map((one, index) => {
      const item = make("li", one.name + " ****" + one.number.slice(-4));
      const away = make("button", "删"); away.type = "button";
      away.addEventListener("click", () => { people.splice(index, 1); key = newKey(); list(); $("person").focus(); });
      item.append(away);
      return item;
    }));
  }

  // -- the tickets, then the money -----------------------------------------------------
  function hold() {
    if (!time || $("holdButton").disabled || $("pay").open || counter.undecided()) { return; }
    if (people.length < names()) { $("person").focus(); return; }
    once(async () => {
      const wanted = {};
      counts().forEach((one) => { if (one.count) { wanted[one.kind.id] = one.count; } });
      try {
        order = (await mine("hold", { key, product: product.code, session: time.session, slot: time.slot, day: time.day, counts: wanted, people, mobile: $("mobile").value, phone: byPhone(),
          // no more than what stood here when it was chosen
          most: most || (bound() / 100).toFixed(2) })).order;
      } catch (error) {
        if (error.code !== "PRICE_CHANGED" || !error.details || !error.details.total) { throw error; }
        await risen(error);
        return;
      }
      await place();
    });
  }
  // The prices of now stand here before anybody can agree to them; Enter still goes no higher than those of before.
  async function risen(error) {
    const was = most ? fen(most) : bound();
    times = (await mine("times", { phone: byPhone(), product: product.code, day: $("day").value.trim() })).times;
    const same = times.findIndex((one) => one.session === time.session && one.slot === time.slot && one.day === time.day);
    if (same >= 0) { at = same; time = times[at]; }
    key = newKey();
    draw(); classes();
    $("total").textContent = yuan(fen(error.details.total));
    counter.dearer({
      after: $("total").parentElement, was: yuan(was), now: yuan(fen(error.details.total)),
      agree: () => { most = error.details.total; agreed = pricesOf(time); hold(); },
      back: () => { classes(); $("counts").focus(); },
    });
  }
  async function place() {
    show();
    if (order.state === "holding") { again(); return; }
    if (order.state !== "held") { finish(); return; }
    await money.attempt(money.place);
  }
  const until = () => order.until ? "请在 " + order.until + " 前收款，过时票会放回" : "";
  function show() {
    $("payTitle").textContent = order.title;
    $("payState").textContent = order.stateLabel;
    $("payTotal").textContent = yuan(fen(order.total));
    $("payClock").textContent = order.state === "holding" ? "供应商还没有答复，正在查询…" : "正在下单…";
    // nothing is taken before there is a sale to take it for
    $("payWays").hidden = true; $("done").hidden = true;
    if (!$("pay").open) { $("pay").showModal(); }
  }
  function again() {
    money.later(async () => {
      try { order = (await mine("standing", { number: order.number })).order; } catch (error) { complain($("payAlert"), error); again(); return; }
      calm();
      if (money.sale) { finish(); } else { once(place); }
    }, money.sale ? 300 : 0);
  }
  // over the telephone other classes may be sold, and others left
  $("byPhone").addEventListener("change", () => { key = newKey(); if (product) { search(); } else { $("mobile").focus(); } });
  function finish() {
    $("payWays").hidden = true; $("done").hidden = false; $("payClock").textContent = "";
    const change = money.sale && Number(money.sale.change || 0) ? "找零 " + yuan(fen(money.sale.change)) + "。" : "";
    const over = { issued: "已出票", issue_failed: "出票失败，款项退回", hold_failed: "没有占到票，没有收款", closed: "已关闭" }[order.state];
    $("doneText").textContent = change + (over || "已收款，正在出票…") + (order.why ? " " + order.why : "");
    $("payState").textContent = order.stateLabel;
    $("tickets").replaceChildren(...order.vouchers.map((one) => {
      const item = make("li", one.title);
      const paper = make("a", "打印"); paper.href = one.print; paper.target = "_blank"; paper.rel = "noopener";
      item.append(make("small", one.label), make("b", one.code), paper);
      return item;
    }));
    if (over) { $("next").focus(); } else { again(); }
  }
  const leave = () => money.leave(order, next, $("timeHint"), "票已放回");
  function next() {
    money.forget();
    if ($("pay").open) { $("pay").close(); }
    people = []; time = null; order = null; times = []; product = null;
    ["what", "counts", "person", "mobile"].forEach((id) => { $(id).value = ""; });
    $("chosen").textContent = "";
    calm(); list(); classes(); draw(); filter();
    $("what").focus();
  }

  // -- keys ----------------------------------------------------------------------------
  function shift(days) { if (counter.shift(days) && product) { search(); } }
  const step = (event) => (event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0);
  $("what").addEventListener("input", () => { product = null; filter(); });
  $("what").addEventListener("keydown", (event) => {
    if (event.isComposing) { return; }
    if (event.key === "Enter") { event.preventDefault(); if (isBusy()) { eager = true; } else { search(); } }
    if (step(event)) { event.preventDefault(); picked = Math.max(0, Math.min(shown.length - 1, picked + step(event))); mark($("products"), picked); }
  });
  $("day").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); if (product) { search(); } else { $("what").focus(); } } });
  $("times").addEventListener("keydown", (event) => {
    // who is quicker than the line means what is being asked for
    if (event.key === "Enter") { event.preventDefault(); if (isBusy()) { eager = true; } else { take(); } }
    if (step(event)) { event.preventDefault(); at = Math.max(0, Math.min(times.length - 1, at + step(event))); mark($("times"), at); $("times").children[at]?.scrollIntoView({ block: "nearest" }); }
    if (event.key === "+" || event.key === "-") { event.preventDefault(); shift(event.key === "+" ? 1 : -1); }
  });
  $("counts").addEventListener("input", () => { key = newKey(); most = ""; calm(); classes(); });
  ["counts", "mobile"].forEach((id) => $(id).addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); hold(); } }));
  $("person").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); add(); } });
  $("holdButton").addEventListener("click", hold);
  ["clear", "next", "giveUp"].forEach((id) => $(id).addEventListener("click", leave));
  $("pay").addEventListener("cancel", (event) => { event.preventDefault(); leave(); });
  document.addEventListener("keydown", (event) => {
    const act = { F2: () => $("what").select(), F3: () => $("counts").select(), F4: () => $("person").focus(), F6: () => $("mobile").focus(), F7: () => $("authCode").focus(), F8: () => $("tendered").select(), F9: leave }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  $("day").value = options.today;
  draw(); filter();
  $("what").focus();
}());
