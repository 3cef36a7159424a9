// 店主台: what the owner sees and presses. The API decides; this page keeps what is typed until it was accepted.
(function () {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const yuan = (text) => "¥" + Number(text || 0).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  // Money is compared in fen: 0.1 + 0.2 must not matter to anybody's change.
  const fen = (text) => Math.round(Number(String(text).replace(/[¥￥,，\s]/g, "")) * 100);
  const time = (text) => new Date(text).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const FIELDS = ["phone", "customerName", "note", "address.name", "address.phone", "address.district", "address.postcode", "address.street"];
  const KEPT = "o2o.shop.basket";

  let desk = null;          // the shop that is shown
  let goods = [];
  let basket = fresh();
  let quoted = null;
  let sale = null;
  let poll = null;
  let busy = false;
  let turn = 0;
  let lastMove = "";

  function newKey() {
    if (window.crypto && crypto.randomUUID) { return crypto.randomUUID(); }
    return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
  }
  function fresh() { return { key: newKey(), lines: {}, fields: {}, delivery: "pickup" }; }
  function keepBasket() {
    if (desk) { localStorage.setItem(KEPT, JSON.stringify({ place: desk.key, basket })); }
  }
  function oldBasket() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) || "null");
      return kept && kept.place === desk.key ? { ...fresh(), ...kept.basket } : fresh();
    } catch (odd) { return fresh(); }
  }

  function make(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) { made.textContent = text; }
    if (className) { made.className = className; }
    return made;
  }
  function press(text, className, action) {
    const made = make("button", text, className);
    made.type = "button";
    made.addEventListener("click", action);
    return made;
  }
  function figures(list, rows) {
    list.replaceChildren(...rows.flatMap(([name, value, note]) => {
      const dd = make("dd", value);
      if (note) { dd.append(make("small", note)); }
      dd.dataset.name = name;
      return [make("dt", name), dd];
    }));
  }

  function complain(box, error) {
    box.replaceChildren(document.createTextNode(error.message || String(error)));
    if (error.hint) { box.append(make("small", error.hint)); }
    box.hidden = false;
    box.scrollIntoView({ block: "nearest" });
  }
  function calm() { document.querySelectorAll(".alert").forEach((one) => { one.hidden = true; }); }

  // One press is one request; a second press while it runs does nothing.
  async function once(box, work) {
    if (busy) { return; }
    busy = true;
    document.body.classList.add("is-busy");
    calm();
    try { await work(); } catch (error) { complain($("app").hidden ? $("gateAlert") : box, error); } finally {
      busy = false;
      document.body.classList.remove("is-busy");
    }
  }

  // -- coming and going ------------------------------------------------------------------

  function gate() {
    clearInterval(poll);
    document.querySelectorAll("dialog[open]").forEach((one) => one.close());
    $("app").hidden = true;
    $("gate").hidden = false;
  }
  ShopApi.onLoggedOut(gate);

  async function enter(key) {
    const desks = await ShopApi.desks();
    const shops = desks.filter((one) => one.shopCode);
    if (!shops.length) {
      ShopApi.logout();
      gate();
      throw { message: "这个账号没有店铺", hint: "员工请用后台的“代客下单”；店主请联系支局开通店主登录" };
    }
    desk = shops.find((one) => one.key === key) || shops[0];
    $("shops").replaceChildren(...shops.map((one) => { const option = make("option", one.name); option.value = one.key; option.selected = one === desk; return option; }));
    $("shops").hidden = shops.length < 2;
    $("gate").hidden = true;
    $("app").hidden = false;
    basket = oldBasket();
    drawDesk();
    await Promise.all([loadGoods(), loadWaiting()]);
  }

  function drawDesk() {
    $("shopName").textContent = desk.name;
    $("shopUnit").textContent = desk.unitName + " · " + desk.statusText + (desk.isOpen ? "" : "（暂不能下单）");
    const account = desk.float;
    const line = $("floatLine");
    line.classList.toggle("is-low", !account || account.isLow || account.isFrozen);
    line.textContent = account
      ? (account.isFrozen ? "备付金已冻结（" + account.frozenReason + "），请用扫码收款" : "还可收现金 " + yuan(account.available) + (account.isLow ? "，已低于预警线，请尽快缴款或充值" : ""))
      : "没有备付金账户，只能扫码收款";
  }
  async function refreshDesk() { desk = await ShopApi.desk(desk.key); drawDesk(); }

  $("loginForm").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    once($("gateAlert"), async () => {
      await ShopApi.login(form.email.value.trim(), form.password.value);
      form.password.value = "";
      await enter();
    });
  });
  $("passwordForm").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    once($("gateAlert"), async () => {
      if (form.password.value !== form.again.value) { throw { message: "两次输入的密码不一致" }; }
      await ShopApi.setPassword(form.dataset.email, form.dataset.key, form.password.value);
      form.hidden = true;
      $("loginForm").hidden = false;
      await enter();
    });
  });
  $("logout").addEventListener("click", () => { ShopApi.logout(); gate(); });
  $("shops").addEventListener("change", () => once($("alert"), () => enter($("shops").value)));

  // -- the views -------------------------------------------------------------------------

  const LOADERS = { open: loadWaiting, day: loadDay, float: loadFloat };
  document.querySelectorAll(".tabs button").forEach((tab) => tab.addEventListener("click", () => {
    document.querySelectorAll(".tabs button").forEach((one) => { if (one === tab) { one.setAttribute("aria-current", "page"); } else { one.removeAttribute("aria-current"); } });
    document.querySelectorAll("section[id^=view-]").forEach((one) => { one.hidden = one.id !== "view-" + tab.dataset.view; });
    drawBar();
    calm();
    window.scrollTo(0, 0);
    if (tab.dataset.view === "pickup") { $("pickupCode").focus(); }
    const load = LOADERS[tab.dataset.view];
    if (load) { once($("alert"), load); }
  }));

  // -- goods and the basket --------------------------------------------------------------

  async function loadGoods() {
    goods = await ShopApi.goods(desk.key);
    Object.keys(basket.lines).forEach((id) => { if (!goods.some((one) => one.variantId === id)) { delete basket.lines[id]; } });
    drawGoods();
  }

  function drawGoods() {
    const word = $("filter").value.trim().toLowerCase();
    const shown = goods.filter((one) => !word || (one.name + one.spec + one.sku).toLowerCase().includes(word));
    $("goods").replaceChildren(...(shown.length ? shown.map(card) : [make("li", goods.length ? "没有找到，换个说法" : "店里还没有上架商品，请联系店主联络员", "empty")]));
    drawBar();
  }

  function card(one) {
    const row = make("li");
    const image = one.image ? make("img") : make("span", "邮", "noimage");
    if (one.image) { image.src = one.image; image.alt = ""; image.loading = "lazy"; }
    const text = make("div");
    text.append(make("b", one.name), make("small", [one.spec, one.left === null ? "" : one.left > 0 ? "余 " + one.left : "无货"].filter(Boolean).join(" · "), one.left === 0 ? "gone" : ""));
    const price = make("p", yuan(one.price), "price");
    if (fen(one.listPrice) !== fen(one.price)) { price.append(make("small", "平台价 " + yuan(one.listPrice))); }
    text.append(price);
    row.append(image, text, stepper(one));
    return row;
  }

  function stepper(one) {
    const box = make("div", undefined, "step");
    const count = basket.lines[one.variantId] || 0;
    const change = (by) => {
      const next = Math.max(0, Math.min(999, (basket.lines[one.variantId] || 0) + by));
      if (next) { basket.lines[one.variantId] = next; } else { delete basket.lines[one.variantId]; }
      keepBasket();
      drawGoods();
      if ($("orderSheet").open) { reckon(); }
    };
    if (count) {
      const less = press("−", "", () => change(-1));
      less.setAttribute("aria-label", "减一 " + one.name);
      box.append(less, make("b", count));
    }
    const more = press("+", "more", () => change(1));
    more.setAttribute("aria-label", "加一 " + one.name);
    more.disabled = !desk.isOpen || (one.left !== null && count >= one.left);
    box.append(more);
    return box;
  }

  function drawBar() {
    const ids = Object.keys(basket.lines);
    const total = ids.reduce((sum, id) => { const one = goods.find((g) => g.variantId === id); return sum + (one ? fen(one.price) * basket.lines[id] : 0); }, 0);
    $("basketBar").hidden = !ids.length || $("view-sell").hidden;
    $("basketCount").textContent = ids.reduce((sum, id) => sum + basket.lines[id], 0) + " 件";
    $("basketTotal").textContent = yuan(total / 100);
  }
  $("filter").addEventListener("input", drawGoods);
  $("clear").addEventListener("click", () => { if (window.confirm("清空这一单？")) { basket = fresh(); keepBasket(); drawGoods(); } });

  // -- ordering --------------------------------------------------------------------------

  function input() {
    const address = {};
    const given = { place: desk.key, delivery: basket.delivery.toUpperCase(), lines: Object.entries(basket.lines).map(([variantId, quantity]) => ({ variantId, quantity })) };
    FIELDS.forEach((name) => {
      const value = (basket.fields[name] || "").trim();
      if (name.startsWith("address.")) { address[name.slice(8)] = value; } else if (value) { given[name] = value; }
    });
    return basket.delivery === "address" ? { ...given, address } : given;
  }

  async function reckon() {
    const mine = ++turn;
    if (!Object.keys(basket.lines).length) { $("orderSheet").close(); return; }
    try {
      const told = await ShopApi.quote(input());
      if (mine === turn) { quoted = told; drawOrder(); }
    } catch (error) { if (mine === turn) { quoted = null; drawOrder(); complain($("orderAlert"), error); } }
  }

  function drawOrder() {
    $("placeButton").disabled = !quoted;
    $("addressBox").hidden = basket.delivery !== "address";
    if (!quoted) { return; }
    $("orderLines").replaceChildren(...quoted.lines.map((line) => {
      const row = make("li", undefined, line.isShort ? "short" : "");
      const name = make("span", line.goods.name);
      name.append(make("small", [line.goods.spec, yuan(line.goods.price), line.isShort ? "只剩 " + line.goods.left : ""].filter(Boolean).join(" · ")));
      row.append(name, stepper(line.goods), make("b", yuan(line.total)));
      return row;
    }));
    const rows = [["商品", yuan(quoted.goods), "按本店售价" + (Number(quoted.atShopPrices) ? "，比平台价" + (Number(quoted.atShopPrices) > 0 ? "高 " : "低 ") + yuan(Math.abs(quoted.atShopPrices)) : "")]];
    if (Number(quoted.shipping)) { rows.push(["运费", yuan(quoted.shipping)]); }
    rows.push(["应收", yuan(quoted.total)]);
    figures($("orderSums"), rows);
    $("placeButton").textContent = "下单，应收 " + yuan(quoted.total);
  }

  function openOrder() {
    const form = $("orderForm");
    FIELDS.forEach((name) => { form.elements[name].value = basket.fields[name] || ""; });
    form.elements.delivery.value = basket.delivery;
    quoted = null;
    calm();
    drawOrder();
    $("orderSheet").showModal();
    reckon();
  }
  $("checkout").addEventListener("click", openOrder);
  FIELDS.forEach((name) => $("orderForm").elements[name].addEventListener("input", (event) => { basket.fields[name] = event.target.value; keepBasket(); }));
  $("orderForm").querySelectorAll("[name=delivery]").forEach((one) => one.addEventListener("change", () => { basket.delivery = one.value; keepBasket(); calm(); reckon(); }));

  $("orderForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once($("orderAlert"), async () => {
      if (!quoted) { return; }
      try {
        const placed = await ShopApi.place(basket.key, { ...input(), expectedTotal: quoted.total });
        basket = fresh();
        keepBasket();
        $("orderSheet").close();
        openSale(placed);
        loadGoods().catch(() => undefined);
        loadWaiting().catch(() => undefined);
      } catch (error) {
        if (error.code === "IDEMPOTENCY_CONFLICT") {
          // This basket was placed before its answer was lost; what is here now is another one.
          basket.key = newKey();
          keepBasket();
          throw { message: "刚才的订单已经下成，请先在“未完成”里收款", hint: "当前内容是修改后的，再点一次会另下一单" };
        }
        if (error.code === "PRICE_CHANGED" || error.code === "INSUFFICIENT_STOCK" || error.code === "GOODS_GONE") {
          await loadGoods();
          await reckon();
        }
        throw error;
      }
    });
  });

  // -- a sale ----------------------------------------------------------------------------

  function openSale(given) {
    sale = given;
    $("tendered").value = "";
    $("codeBox").replaceChildren();
    calm();
    if (!$("saleSheet").open) { $("saleSheet").showModal(); }
    drawSale();
  }

  function drawSale() {
    const placed = sale.state === "PLACED";
    const paid = sale.state === "PAID";
    $("saleState").textContent = sale.stateText;
    $("saleNumber").textContent = sale.number + " · 订单 " + sale.orderNumber + (sale.customer && sale.customer !== "—" ? " · " + sale.customer : "");
    $("saleTotal").textContent = yuan(sale.total);
    $("payBox").hidden = !placed;
    $("paidBox").hidden = placed || sale.state === "CANCELLED";
    $("papers").hidden = placed || sale.state === "CANCELLED";
    $("paidText").textContent = sale.state === "REFUNDED" ? "已退款：" + sale.closeReason
      : sale.receipt ? "现金已收 " + yuan(sale.receipt.tendered) + "，找零 " + yuan(sale.receipt.change) : "微信已到账 " + yuan(sale.total);
    const fetchable = paid && Boolean(sale.pickupCode);
    $("pickupBox").hidden = !fetchable;
    $("handForm").hidden = !fetchable;
    if (fetchable) {
      $("saleCode").textContent = sale.pickupCode.replace(/(.{4})(?=.)/g, "$1-");
      $("saleQr").innerHTML = sale.pickupQr; // made by the server from the code itself
      drawHanding();
    }
    $("saleLines").replaceChildren(...sale.lines.map((line) => {
      const row = make("li");
      const name = make("span", line.name);
      name.append(make("small", [line.spec, yuan(line.price) + " × " + line.quantity, line.handed ? "已取 " + line.handed : ""].filter(Boolean).join(" · ")));
      row.append(name, make("b", yuan(line.total)));
      return row;
    }));
    $("saleLines").hidden = fetchable;
    $("askCode").hidden = !placed || !sale.codeUntil;
    if (placed) { drawQuick(); drawChange(); }
    clearInterval(poll);
    if (placed && sale.codeUntil) { countDown(); poll = setInterval(look, 2000); } else { $("codeHint").textContent = ""; }
  }

  function drawHanding() {
    $("handLines").replaceChildren(...sale.lines.filter((line) => line.left > 0).map((line) => {
      const row = make("li");
      const name = make("span", line.name);
      name.append(make("small", [line.spec, "待取 " + line.left, line.handed ? "已取 " + line.handed : ""].filter(Boolean).join(" · ")));
      const count = make("input");
      count.type = "number";
      count.min = 0;
      count.max = line.left;
      count.value = line.left;
      count.dataset.line = line.id;
      count.setAttribute("aria-label", line.name + " 交付数量");
      row.append(name, count);
      return row;
    }));
  }

  $("handForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once($("saleAlert"), async () => {
      const lines = [...$("handLines").querySelectorAll("input")].map((one) => ({ lineId: one.dataset.line, quantity: Number(one.value) || 0 })).filter((one) => one.quantity !== 0);
      try {
        sale = await ShopApi.hand(sale.pickupCode, lines, sale.handed);
      } catch (error) {
        sale = await ShopApi.check(sale.id, false);
        drawSale();
        throw error;
      }
      drawSale();
      loadWaiting().catch(() => undefined);
    });
  });

  function drawQuick() {
    const total = fen(sale.total);
    const sums = new Set([total]);
    [1000, 2000, 5000, 10000].forEach((note) => sums.add(Math.ceil(total / note) * note));
    $("quick").replaceChildren(...[...sums].sort((a, b) => a - b).slice(0, 4).map((sum) => press(sum === total ? "正好" : yuan(sum / 100), "plain", () => { $("tendered").value = (sum / 100).toFixed(2); drawChange(); })));
  }
  function drawChange() {
    const value = $("tendered").value.trim();
    const change = fen(value) - fen(sale.total);
    $("change").textContent = !value ? yuan(0) : change >= 0 ? yuan(change / 100) : Number.isNaN(change) ? "金额不正确" : "还差 " + yuan(-change / 100);
  }
  $("tendered").addEventListener("input", drawChange);
  $("cashForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once($("saleAlert"), async () => {
      const value = $("tendered").value.replace(/[¥￥,，\s]/g, "");
      if (!/^\d{1,8}(\.\d{1,2})?$/.test(value)) { throw { message: "请输入收到的金额，最多两位小数" }; }
      sale = await ShopApi.cash(sale.id, value);
      drawSale();
      refreshDesk().catch(() => undefined);
      loadWaiting().catch(() => undefined);
    });
  });

  $("showCode").addEventListener("click", () => once($("saleAlert"), async () => {
    const told = await ShopApi.code(sale.id);
    sale = told.sale;
    drawSale();
    $("codeBox").innerHTML = told.codeSvg; // made by the server from the code itself
    $("codeBox").scrollIntoView({ block: "center" });
  }));
  $("askCode").addEventListener("click", () => once($("saleAlert"), async () => {
    sale = await ShopApi.check(sale.id, true);
    drawSale();
    if (sale.state === "PLACED") { $("codeHint").textContent = "微信还没有收到这笔付款"; } else { loadWaiting().catch(() => undefined); }
  }));
  function countDown() {
    const seconds = Math.max(0, Math.floor((new Date(sale.codeUntil) - Date.now()) / 1000));
    $("codeHint").textContent = seconds ? "等待付款，剩 " + Math.floor(seconds / 60) + " 分 " + (seconds % 60) + " 秒" : "收款码已过期，正在关闭";
  }
  async function look() {
    if (!sale || busy) { return; }
    countDown();
    const watched = sale.id;
    try {
      const told = await ShopApi.check(watched, false);
      if (sale && sale.id === watched && told.state !== sale.state) { sale = told; drawSale(); loadWaiting().catch(() => undefined); }
    } catch (error) { $("codeHint").textContent = error.message; }
  }
  $("cancelSale").addEventListener("click", () => {
    if (!window.confirm("取消这一单并释放库存？")) { return; }
    once($("saleAlert"), async () => { sale = await ShopApi.cancel(sale.id); drawSale(); loadGoods().catch(() => undefined); loadWaiting().catch(() => undefined); });
  });
  document.querySelectorAll("[data-paper]").forEach((button) => button.addEventListener("click", () => once($("saleAlert"), async () => {
    const slip = await ShopApi.slip(sale.id, button.dataset.paper);
    const frame = $("paper");
    frame.onload = () => frame.contentWindow.print();
    frame.hidden = false;
    frame.srcdoc = slip.html;
  })));
  document.querySelectorAll("dialog .close").forEach((one) => one.addEventListener("click", () => one.closest("dialog").close()));
  $("saleSheet").addEventListener("close", () => { clearInterval(poll); sale = null; });

  // -- lists -----------------------------------------------------------------------------

  function saleRow(one) {
    const row = make("li");
    const button = press(undefined, "", () => openSale(one));
    const text = make("span", one.lines.map((line) => line.name + "×" + line.quantity).join("，"));
    text.append(make("small", time(one.madeAt) + " · " + one.stateText + (one.customer === "—" ? "" : " · " + one.customer)));
    button.append(text, make("b", yuan(one.total)));
    row.append(button);
    return row;
  }
  function drawSales(list, rows, none) { list.replaceChildren(...(rows.length ? rows.map(saleRow) : [make("li", none, "empty")])); }

  async function loadWaiting() {
    const told = await ShopApi.waiting(desk.key);
    drawSales($("waitingMoney"), told.money, "没有待收款的单");
    drawSales($("waitingPickup"), told.pickup, "没有待取货的单");
    const count = told.money.length + told.pickup.length;
    $("openCount").textContent = count;
    $("openCount").hidden = !count;
  }

  const localDay = () => { const d = new Date(); return d.getFullYear() + "-" + String(d.getMonth() + 1).padStart(2, "0") + "-" + String(d.getDate()).padStart(2, "0"); };
  async function loadDay() {
    if (!$("dayInput").value) { $("dayInput").value = localDay(); }
    const told = await ShopApi.day(desk.key, $("dayInput").value);
    const day = told.day;
    figures($("dayFigures"), [
      ["销售", yuan(day.worth), day.sales + " 单" + (day.cancelled ? "，取消 " + day.cancelled : "")],
      ["现金", yuan(day.cash), day.cashCount + " 笔" + (Number(day.cashBack) ? "，退 " + yuan(day.cashBack) : "")],
      ["扫码", yuan(day.code), day.codeCount + " 笔"],
      ["应有现金", yuan(day.drawer), "现金收款减现金退款"],
      ["待收款", day.waiting + " 单"],
      ["交付", day.handed + " 单"],
    ]);
    drawSales($("daySales"), told.sales, "这一天没有销售");
  }
  $("dayInput").addEventListener("change", () => once($("alert"), loadDay));

  async function loadFloat() { lastMove = ""; await moreMoves(true); }
  async function moreMoves(first) {
    const account = await ShopApi.statement(desk.key, first ? "" : lastMove);
    if (!account) {
      figures($("floatFigures"), [["备付金", "没有账户", "只能扫码收款；请联系支局开户"]]);
      $("moves").replaceChildren();
      $("moreMoves").hidden = true;
      return;
    }
    figures($("floatFigures"), [["还可收现金", yuan(account.available), account.isFrozen ? "已冻结：" + account.frozenReason : ""], ["余额", yuan(account.balance)], ["授信额度", yuan(account.creditLimit)]]);
    const rows = account.movements.map((one) => {
      const row = make("li");
      const text = make("span", one.kindText);
      text.append(make("small", [time(one.at), one.orderNumber ? "订单 " + one.orderNumber : "", one.number].filter(Boolean).join(" · ")));
      const sum = make("b", (Number(one.amount) > 0 ? "+" : "−") + yuan(Math.abs(one.amount)), Number(one.amount) > 0 ? "plus" : "");
      sum.append(make("small", "余额 " + yuan(one.balanceAfter)));
      row.append(text, sum);
      return row;
    });
    if (first) { $("moves").replaceChildren(...(rows.length ? rows : [make("li", "还没有流水", "empty")])); } else { $("moves").append(...rows); }
    $("moreMoves").hidden = account.movements.length < 30;
    if (account.movements.length) { lastMove = account.movements[account.movements.length - 1].number; }
  }
  $("moreMoves").addEventListener("click", () => once($("alert"), () => moreMoves(false)));

  $("pickupForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once($("alert"), async () => {
      const found = await ShopApi.find($("pickupCode").value);
      $("pickupCode").value = "";
      openSale(found);
    });
  });

  // -- begin -----------------------------------------------------------------------------

  const asked = new URLSearchParams(location.search);
  if (asked.get("token") && asked.get("email")) {
    // The mailed link: neither stays in the address or the history.
    history.replaceState(null, "", location.pathname);
    ShopApi.logout();
    const form = $("passwordForm");
    form.dataset.email = form.elements.email.value = asked.get("email");
    form.dataset.key = asked.get("token");
    $("passwordFor").textContent = asked.get("email");
    form.hidden = false;
    $("loginForm").hidden = true;
    $("gate").hidden = false;
  } else if (ShopApi.known) {
    once($("gateAlert"), () => enter()).then(() => { if ($("app").hidden) { $("gate").hidden = false; } });
  } else {
    $("gate").hidden = false;
  }
}());
