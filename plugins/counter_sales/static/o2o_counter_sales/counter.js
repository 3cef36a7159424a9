// 代客下单: the basket is typed here, kept on the server while it is typed, reckoned and placed there.
(function () {
  "use strict";

  const options = JSON.parse(document.getElementById("deskOptions").textContent);
  const $ = (id) => document.getElementById(id);
  const csrf = document.querySelector("#slipForm input[name=csrfmiddlewaretoken]").value;
  const FIELDS = ["phone", "customer_name", "note", "discount", "discount_reason",
    "address.name", "address.phone", "address.district", "address.postcode", "address.street"];
  const POLL = 2000;

  let basket = fresh();
  let quoted = null;        // the last breakdown from the server
  let sale = null;          // the sale in the payment window
  let found = [];
  let chosen = 0;
  let busy = false;
  let poll = null;
  let saveTimer = null;
  let quoteTimer = null;
  let searchTimer = null;
  let quoteTurn = 0;
  let searchTurn = 0;

  function newKey() {
    if (window.crypto && crypto.randomUUID) { return crypto.randomUUID(); }
    return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
  }

  function fresh() { return { key: newKey(), lines: [], fields: {}, delivery: "pickup", method: null, member: "", coupons: [], points: "", consent: null }; }

  const yuan = (text) => "¥" + Number(text || 0).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  // Money is compared in fen: 0.1 + 0.2 must not matter to anybody's change.
  const fen = (text) => Math.round(Number(String(text).replace(/[¥￥,，\s]/g, "")) * 100);

  function element(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) { made.textContent = text; }
    if (className) { made.className = className; }
    return made;
  }

  // -- the server ----------------------------------------------------------------------

  async function ask(name, body) {
    let response;
    try {
      response = await fetch(options.ask.replace("NAME", name), {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrf, Accept: "application/json" },
        body: JSON.stringify(body || {}),
      });
    } catch (broken) {
      throw { message: "网络不通，内容都还在", hint: "恢复后再点一次，不会重复下单或收款" };
    }
    if (!(response.headers.get("Content-Type") || "").includes("json")) {
      throw response.redirected || response.status === 403
        ? { message: "登录已过期，已输入的内容已暂存", hint: "请在新标签页重新登录后，再点一次" }
        : { message: "系统暂时出错，内容都还在", hint: "请稍后再点一次" };
    }
    const told = await response.json();
    if (told.error) { throw told.error; }
    return told;
  }

  function complain(box, error) {
    box.replaceChildren(document.createTextNode(error.message || String(error)));
    if (error.hint) { box.append(element("small", error.hint)); }
    if (error.details && error.details.open) {
      const way = element("a", "现在开班", "o2o-desk-go");
      way.href = error.details.open;
      box.append(document.createElement("br"), way);
    }
    box.hidden = false;
    box.scrollIntoView({ block: "nearest" });
    const wrong = error.field && (document.getElementById(error.field) || null);
    if (wrong) { wrong.classList.add("is-wrong"); wrong.focus(); }
  }

  function calm() {
    $("alert").hidden = true;
    $("payAlert").hidden = true;
    document.querySelectorAll(".is-wrong").forEach((one) => one.classList.remove("is-wrong"));
  }

  // One press is one request; a second press while it runs does nothing.
  async function once(box, work) {
    if (busy) { return; }
    busy = true;
    document.body.classList.add("is-busy");
    calm();
    try { await work(); } catch (error) { complain(box, error); } finally {
      busy = false;
      document.body.classList.remove("is-busy");
    }
  }

  // -- the basket ----------------------------------------------------------------------

  function typed() {
    const values = { key: basket.key, place: $("place").value, delivery: basket.delivery, method: basket.method,
      lines: basket.lines.map((line) => ({ variant: line.id, quantity: line.quantity })), address: {} };
    FIELDS.forEach((name) => {
      const value = basket.fields[name] || "";
      if (name.startsWith("address.")) { values.address[name.slice(8)] = value; } else { values[name] = value; }
    });
    // A member may be named by number or card instead: then there is no telephone to write down.
    if (basket.member) { values.member = basket.member; if (!/^1\d{10}$/.test(values.phone.replace(/\D/g, ""))) { values.phone = ""; } }
    if (basket.member) {
      const agreedTo = basket.consent && basket.consent.state !== "asked" ? basket.consent.number : "";
      values.deductions = { coupons: basket.coupons || [], points: agreedTo ? [agreedTo] : basket.points ? [basket.points] : [] };
    }
    return values;
  }

  function changed() {
    calm();
    draw();
    clearTimeout(quoteTimer);
    quoteTimer = setTimeout(reckon, 160);
    clearTimeout(saveTimer);
    saveTimer = setTimeout(keep, 700);
  }

  async function keep() {
    const empty = !basket.lines.length && !Object.values(basket.fields).some(Boolean);
    if (empty) { return; }
    try {
      await ask("keep", { key: basket.key, content: basket });
      $("saved").textContent = "已暂存";
    } catch (error) {
      $("saved").textContent = "未能暂存：" + error.message;
    }
  }

  async function reckon() {
    if (!basket.lines.length) { quoted = null; draw(); return; }
    const turn = ++quoteTurn;
    try {
      const told = await ask("quote", typed());
      if (turn !== quoteTurn) { return; }
      take(told.quote);
    } catch (error) {
      if (turn !== quoteTurn) { return; }
      quoted = null;
      draw();
      complain($("alert"), { ...error, field: null });
      if (error.details && error.details.variants) { markGone(error.details.variants); }
    }
  }

  function take(quote) {
    quoted = quote;
    quote.lines.forEach((line) => {
      const mine = basket.lines.find((one) => one.id === line.id);
      if (mine) { Object.assign(mine, { price: line.price, listPrice: line.listPrice, shopPrice: line.shopPrice, left: line.left, name: line.name, spec: line.spec }); }
    });
    if (quote.methods.length) { basket.method = quote.method; }
    draw();
  }

  function markGone(variants) {
    basket.lines.forEach((line) => { line.gone = variants.includes(line.id); });
    draw();
  }

  function add(goods, quantity) {
    const known = basket.lines.find((line) => line.id === goods.id);
    if (known) { known.quantity += quantity || 1; } else { basket.lines.push({ ...goods, quantity: quantity || 1 }); }
    changed();
  }

  function draw() {
    const rows = basket.lines.map((line) => {
      const row = element("tr");
      const short = line.left !== null && line.left !== undefined && line.quantity > line.left;
      row.className = short || line.gone ? "is-short" : "";
      const name = element("td", line.name);
      name.append(element("small", [line.spec, line.sku, line.gone ? "已下架，请移除" : ""].filter(Boolean).join(" · ")));
      const steps = element("td");
      const step = element("div", undefined, "desk-step");
      const less = element("button", "−");
      const more = element("button", "+");
      const count = element("input");
      count.value = line.quantity;
      count.inputMode = "numeric";
      count.setAttribute("aria-label", line.name + " 数量");
      count.addEventListener("focus", () => count.select());
      count.addEventListener("change", () => {
        const value = parseInt(count.value, 10);
        if (value >= 1 && value <= 999) { line.quantity = value; }
        changed();
      });
      count.addEventListener("keydown", (event) => {
        if (event.key === "Enter") { event.preventDefault(); count.blur(); $("search").focus(); }
      });
      less.type = more.type = "button";
      less.setAttribute("aria-label", "减一");
      more.setAttribute("aria-label", "加一");
      less.addEventListener("click", () => { line.quantity = Math.max(1, line.quantity - 1); changed(); });
      more.addEventListener("click", () => { line.quantity = Math.min(999, line.quantity + 1); changed(); });
      step.append(less, count, more);
      steps.append(step);
      const drop = element("td");
      const cross = element("button", "✕", "desk-drop");
      cross.type = "button";
      cross.setAttribute("aria-label", "移除 " + line.name);
      cross.addEventListener("click", () => { basket.lines = basket.lines.filter((one) => one !== line); changed(); });
      drop.append(cross);
      const left = element("td", line.left === null || line.left === undefined ? "不限" : line.left, short ? "n desk-gone" : "n");
      const price = element("td", yuan(line.price), "n");
      if (line.shopPrice) { price.append(element("small", "店主售价")); }
      row.append(name, price, steps,
        element("td", yuan(fen(line.price) * line.quantity / 100), "n"), left, drop);
      return row;
    });
    $("lines").replaceChildren(...rows);
    $("empty").hidden = rows.length > 0;
    const sums = quoted || { goods: 0, reduced: 0, shipping: 0, discount: 0, total: 0 };
    $("sumGoods").textContent = yuan(sums.goods);
    $("sumTotal").textContent = yuan(sums.total);
    [["sumReduced", "reduced", "-"], ["sumShipping", "shipping", ""], ["sumDiscount", "discount", "-"]].forEach(([id, name, sign]) => {
      $(id).textContent = sign + yuan(sums[name]);
      const on = Number(sums[name]) > 0;
      $(id).classList.toggle("is-on", on);
      $(id).previousElementSibling.classList.toggle("is-on", on);
    });
    const shop = quoted && quoted.shop !== null && quoted.shop !== undefined;
    $("sumShop").textContent = shop ? (Number(quoted.shop) === 0 ? "与平台价相同" : (Number(quoted.shop) > 0 ? "比平台价高 " : "比平台价低 ") + yuan(Math.abs(Number(quoted.shop)))) : "";
    $("sumShop").classList.toggle("is-on", Boolean(shop));
    $("sumShop").previousElementSibling.classList.toggle("is-on", Boolean(shop));
    $("placeButton").disabled = !rows.length || !quoted;
    drawOffers();
    drawMethods();
  }

  // -- what lowers the sale for a member --------------------------------------------------

  function drawOffers() {
    const lowered = quoted ? quoted.deductions || [] : [];
    $("sumDeductions").replaceChildren(...lowered.flatMap((one) => {
      const name = element("dt", one.sourceTitle);
      name.append(element("small", one.title));
      return [name, element("dd", "-" + yuan(one.amount))];
    }));
    if (!options.members) { return; }
    const offers = quoted && quoted.member ? quoted.offers || {} : {};
    const coupons = offers.coupons || [];
    const most = (offers.points || [])[0];
    $("offersBox").hidden = !basket.member || !(coupons.length || most);
    $("couponsBox").hidden = !coupons.length;
    $("coupons").replaceChildren(...coupons.map((one) => {
      const row = element("label", undefined, one.why ? "is-off" : "");
      const tick = element("input");
      tick.type = "checkbox";
      tick.checked = (basket.coupons || []).includes(one.value);
      tick.disabled = Boolean(one.why) && !tick.checked;
      tick.addEventListener("change", () => {
        basket.coupons = (basket.coupons || []).filter((code) => code !== one.value).concat(tick.checked ? [one.value] : []);
        changed();
      });
      const name = element("span", one.title);
      name.append(element("small", one.why || one.value));
      row.append(tick, name, element("b", one.why ? "" : "-" + yuan(one.saves)));
      return row;
    }));
    $("pointsBox").hidden = !most && !basket.points;
    $("pointsLabel").textContent = most ? "用积分（最多 " + most.value + " 分抵 " + yuan(most.saves) + "）" : "用积分";
    const given = basket.consent && basket.consent.state !== "asked";
    $("pointsCodeRow").hidden = !basket.consent || given;
    $("pointsSend").hidden = Boolean(given) || !basket.points;
    $("points").readOnly = Boolean(given);
    if (given) { $("pointsHint").textContent = "✓ 会员已确认用 " + Number(basket.consent.amount) + " 积分"; }
    const refused = (quoted ? quoted.refusals || [] : []).filter((one) => one.code !== "CONSENT_NEEDED");
    if (refused.length) { complain($("alert"), { ...refused[0], field: null }); }
  }

  function forgetMember() {
    Object.assign(basket, { member: "", coupons: [], points: "", consent: null });
    if (options.members) { $("points").value = ""; $("pointsCode").value = ""; $("pointsHint").textContent = ""; }
  }

  if (options.members) {
    $("bestCoupons").addEventListener("click", () => {
      basket.coupons = ((quoted && quoted.offers && quoted.offers.coupons) || []).filter((one) => one.best).map((one) => one.value);
      changed();
    });
    $("points").addEventListener("input", () => { basket.points = $("points").value.replace(/\D/g, ""); basket.consent = null; $("pointsHint").textContent = ""; changed(); });
    const sentPoints = (told) => {
      $("pointsHint").textContent = told.sent === false
        ? "刚给这个号码发过验证码，" + told.againAfter + " 秒后请点“重新发送”"
        : "验证码已发到会员手机，短信写明机构和积分；请会员核对后念出";
      $("pointsCode").focus();
    };
    $("pointsSend").addEventListener("click", () => once($("alert"), async () => {
      const told = await ask("consent", { kind: "points", key: basket.key, place: $("place").value, text: basket.member, points: basket.points });
      basket.consent = told.consent;
      changed();
      sentPoints(told);
    }));
    $("pointsAgain").addEventListener("click", () => once($("alert"), async () => { sentPoints(await ask("consent_code", { id: basket.consent.id })); }));
    $("pointsGive").addEventListener("click", () => once($("alert"), async () => {
      try { basket.consent = (await ask("consent_give", { id: basket.consent.id, code: $("pointsCode").value })).consent; }
      catch (error) { throw { ...error, field: "pointsCode" }; }
      $("pointsCode").value = "";
      changed();
    }));
    [["points", "pointsSend"], ["pointsCode", "pointsGive"]].forEach(([name, button]) => $(name).addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); $(button).click(); }
    }));
  }

  function drawMethods() {
    const methods = quoted ? quoted.methods : [];
    $("addressBox").hidden = basket.delivery !== "address";
    $("method").replaceChildren(...methods.map((one) => {
      const option = element("option", one.name + "　" + yuan(one.price));
      option.value = one.id;
      option.selected = one.id === basket.method;
      return option;
    }));
  }

  function show(content) {
    basket = { ...fresh(), ...content };
    FIELDS.forEach((name) => { $(name).value = basket.fields[name] || ""; });
    document.querySelectorAll("input[name=delivery]").forEach((one) => { one.checked = one.value === basket.delivery; });
    $("customerHint").textContent = "";
    if (options.members) { $("points").value = basket.points || ""; $("pointsCode").value = ""; $("pointsHint").textContent = ""; }
    quoted = null;
    calm();
    draw();
    reckon();
    $("search").focus();
  }

  // -- searching -----------------------------------------------------------------------

  function search() {
    const phrase = $("search").value.trim();
    clearTimeout(searchTimer);
    if (!phrase) { hideFound(); return; }
    searchTimer = setTimeout(() => look(phrase, false), 140);
  }

  async function look(phrase, enter) {
    const turn = ++searchTurn;
    try {
      const told = await ask("goods", { q: phrase, place: $("place").value });
      if (turn !== searchTurn) { return; }
      found = told.goods;
      chosen = 0;
      // A scanner types the code and Enter: what it names goes straight into the basket.
      if (enter && found.length && (found.length === 1 || found[0].sku.toLowerCase() === phrase.toLowerCase())) {
        pick(0);
        return;
      }
      drawFound(phrase);
    } catch (error) { complain($("alert"), error); }
  }

  function drawFound(phrase) {
    const list = $("found");
    if (!found.length) {
      list.replaceChildren(element("li", "没有找到“" + phrase + "”，换个说法或核对条码", "none"));
    } else {
      list.replaceChildren(...found.map((one, index) => {
        const row = element("li");
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", index === chosen);
        const name = element("span", one.name);
        name.append(element("small", [one.spec, one.sku].filter(Boolean).join(" · ")));
        const price = element("span", yuan(one.price), "n");
        if (one.price !== one.listPrice) { price.append(element("small", (one.shopPrice ? "店主售价，平台价 " : "原价 ") + yuan(one.listPrice))); }
        const left = element("span", one.left === null ? "不限" : one.left > 0 ? "余 " + one.left : "无货", one.left === 0 ? "n desk-gone" : "n");
        row.append(name, price, left);
        row.addEventListener("mousedown", (event) => { event.preventDefault(); pick(index); });
        return row;
      }));
    }
    list.hidden = false;
  }

  function hideFound() { $("found").hidden = true; found = []; searchTurn += 1; }

  function pick(index) {
    const goods = found[index];
    if (!goods) { return; }
    add(goods, 1);
    $("search").value = "";
    hideFound();
    $("search").focus();
  }

  $("search").addEventListener("input", search);
  $("search").addEventListener("blur", () => setTimeout(hideFound, 150));
  $("search").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!found.length) { return; }
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      drawFound("");
    } else if (event.key === "Enter") {
      event.preventDefault();
      const phrase = $("search").value.trim();
      clearTimeout(searchTimer);
      if (found.length && !$("found").hidden) { pick(chosen); } else if (phrase) { look(phrase, true); }
    } else if (event.key === "Escape") { $("search").value = ""; hideFound(); }
  });

  // -- the customer ----------------------------------------------------------------------

  FIELDS.forEach((name) => $(name).addEventListener("input", () => { basket.fields[name] = $(name).value; changed(); }));
  document.querySelectorAll("input[name=delivery]").forEach((one) => one.addEventListener("change", () => {
    basket.delivery = one.value;
    basket.method = null;
    if (one.value === "address") {
      [["address.name", "customer_name"]].forEach(([to, from]) => {
        if (!basket.fields[to] && basket.fields[from]) { basket.fields[to] = $(to).value = basket.fields[from]; }
      });
    }
    changed();
  }));
  $("method").addEventListener("change", () => { basket.method = Number($("method").value); changed(); });
  $("place").addEventListener("change", () => { changed(); refreshFloat(); });
  $("phone").addEventListener("change", async () => {
    const phone = $("phone").value.trim();
    $("customerHint").textContent = "";
    const before = basket.member;
    forgetMember();
    if (!phone) { if (before) { changed(); } return; }
    if (options.members) {
      try {
        const found = (await ask("member", { text: phone })).member;
        basket.member = found.number;
        $("customerHint").textContent = "会员 " + whatMember(found) + (found.points === null ? "" : " · 积分 " + found.points);
        changed();
        return;
      } catch (error) {
        if (before) { changed(); }
        if (error.code !== "NOT_FOUND" && error.code !== "MEMBER_NOT_ACTIVE") { complain($("alert"), error); return; }
        if (error.code === "MEMBER_NOT_ACTIVE") { $("customerHint").textContent = error.message; return; }
      }
    }
    try {
      const told = await ask("customer", { phone });
      $("customerHint").textContent = told.customer ? "老顾客 " + told.customer.name : "新顾客，下单时登记";
    } catch (error) { complain($("alert"), error); }
  });

  // -- placing ---------------------------------------------------------------------------

  function place() {
    once($("alert"), async () => {
      if (!basket.lines.length) { throw { message: "还没有选择商品", field: "search" }; }
      if (!quoted) { await reckon(); }
      if (!quoted) { return; }
      clearTimeout(saveTimer);
      try {
        const told = await ask("place", { ...typed(), expected_total: quoted.total });
        basket = fresh();
        show({});
        open(told.sale);
        refreshWaiting();
      } catch (error) {
        const details = error.details || {};
        if (details.quote) { take(details.quote); }
        if (details.left) {
          basket.lines.forEach((line) => { if (String(line.id) in details.left) { line.left = details.left[line.id]; } });
          draw();
        }
        if (error.code === "IDEMPOTENCY_CONFLICT") {
          // This basket was placed before its answer was lost; what is here now is another one.
          basket.key = newKey();
          error = { message: "刚才的订单已经下成，请先在“未完成”里收款", hint: "当前内容是修改后的，再点一次会另下一单" };
          refreshWaiting();
        }
        throw error;
      }
    });
  }
  $("placeButton").addEventListener("click", place);
  $("clear").addEventListener("click", () => {
    if (basket.lines.length && !window.confirm("清空这一单？")) { return; }
    ask("drop", { key: basket.key }).catch(() => undefined);
    show(fresh());
    $("saved").textContent = "";
  });

  // -- baskets that wait, sales that wait ------------------------------------------------

  async function park() {
    if (!basket.lines.length && !Object.values(basket.fields).some(Boolean)) { return; }
    clearTimeout(saveTimer);
    await keep();
    show(fresh());
    $("saved").textContent = "已挂单";
    refreshWaiting();
  }

  async function refreshWaiting() {
    let told;
    try { told = await ask("waiting"); } catch (error) { return; }
    const others = told.baskets.filter((one) => one.key !== basket.key);
    $("parkedCount").textContent = others.length + told.sales.length + told.refunds.length;
    $("parked").classList.toggle("is-called", told.refunds.some((one) => one.state === "approved"));
    const buttons = told.sales.map((one) => {
      const button = element("button", undefined, "is-sale");
      button.append(element("b", "待收款 " + yuan(one.total)), document.createTextNode(one.madeAt + " " + one.number + " " + one.customer));
      button.addEventListener("click", () => { toggleWaiting(false); open(one); });
      return button;
    }).concat(others.map((one) => {
      const button = element("button");
      const lines = one.content.lines || [];
      button.append(element("b", "挂单 " + lines.length + " 种"), document.createTextNode(lines.slice(0, 2).map((line) => line.name + "×" + line.quantity).join("，") || "仅顾客信息"));
      button.addEventListener("click", async () => { await keep(); toggleWaiting(false); show({ ...one.content, key: one.key }); refreshWaiting(); });
      return button;
    }));
    told.refunds.forEach((one) => {
      const way = element("a", undefined, one.state === "approved" ? "is-sale" : "");
      way.href = one.page;
      way.append(element("b", "退款 " + yuan(one.amount) + " " + one.stateLabel), document.createTextNode(one.number + " · " + one.sale));
      buttons.push(way);
    });
    $("waiting").replaceChildren(...(buttons.length ? buttons : [element("span", "没有未完成的单")]));
    return told;
  }

  function toggleWaiting(on) {
    $("waiting").hidden = !on;
    $("parked").setAttribute("aria-expanded", on);
  }
  $("park").addEventListener("click", park);
  $("parked").addEventListener("click", async () => { await refreshWaiting(); toggleWaiting($("waiting").hidden); });

  // -- paying ------------------------------------------------------------------------------

  function open(given) {
    if (!sale || sale.id !== given.id) { emptyMixed(); }
    sale = given;
    $("tendered").value = "";
    $("codeBox").replaceChildren(element("p", "出示收款码，请顾客用微信扫"));
    calm();
    if (!$("pay").open) { $("pay").showModal(); }
    drawSale();
    findAgreed();
    if (sale.state === "placed") { (sale.parts.length ? $("authCode") : $("tendered")).focus(); }
  }

  function drawSale() {
    $("payLowered").textContent = (sale.deductions || []).map((one) => one.title + " -" + yuan(one.amount)).join("　");
    $("payNumber").textContent = sale.number + " · #" + sale.order;
    $("payState").textContent = sale.stateLabel;
    $("payState").className = sale.state === "placed" ? "" : "is-paid";
    $("payTotal").textContent = yuan(sale.total);
    const open_ = sale.state === "placed";
    const paid = sale.state === "paid" || sale.state === "handed";
    $("payChoose").hidden = !open_;
    $("payDone").hidden = open_;
    $("slipForm").hidden = !paid;
    $("slipForm").action = sale.slip;
    $("salePage").href = sale.page;
    $("reopen").hidden = sale.state !== "cancelled";
    $("payDoneText").classList.toggle("is-off", !paid);
    $("payDoneText").textContent = paid && sale.parts.length
      ? "已收齐：" + sale.parts.map((one) => one.label + " " + yuan(one.amount)).concat(fen(sale.due) ? ["微信 " + yuan(sale.due)] : []).join("，")
      : paid
      ? (sale.receipt ? "现金已收 " + yuan(sale.tendered) + "，找零 " + yuan(sale.change) : sale.card ? "刷卡已登记 " + yuan(sale.total) + "，凭证 " + sale.card : "微信已到账 " + yuan(sale.total))
      : sale.state === "cancelled" ? "已取消，库存已释放\n" + (sale.closeReason === "EXPIRED" ? "超时未付款" : sale.closeReason) : sale.stateLabel;
    const code = open_ && sale.codeUntil;
    $("askCode").hidden = !code;
    $("showCode").textContent = code ? "重新显示" : "出示收款码";
    $("linkPhone").placeholder = sale.phone ? "留空发给 " + sale.phone : "付款人手机号";
    $("linkHint").textContent = open_ && sale.linkTo ? "付款链接已发到 " + sale.linkTo + "，付款后自动到账；重发后旧链接失效" : "";
    drawQuick();
    drawChange();
    drawHeld();
    countDown();
    clearInterval(poll);
    if (code) { poll = setInterval(look_at_money, POLL); } else { $("codeHint").textContent = ""; }
    if (paid) { $("slipForm").querySelector("button").focus(); refreshFloat(); }
  }

  function countDown() {
    if (!sale || !sale.codeUntil || sale.state !== "placed") { return; }
    const seconds = Math.max(0, Math.floor((new Date(sale.codeUntil) - Date.now()) / 1000));
    $("codeHint").textContent = seconds ? "等待付款，剩 " + Math.floor(seconds / 60) + " 分 " + (seconds % 60) + " 秒" : "收款码已过期，正在关闭";
  }

  async function look_at_money() {
    countDown();
    if (!sale || busy) { return; }
    const watched = sale.id;
    try {
      const told = await ask("status", { sale: watched });
      if (sale && sale.id === watched && told.sale.state !== sale.state) { sale = told.sale; drawSale(); refreshWaiting(); }
    } catch (error) { $("codeHint").textContent = error.message; }
  }

  function drawQuick() {
    const total = fen(sale.total);
    const sums = new Set([total]);
    [1000, 2000, 5000, 10000].forEach((note) => sums.add(Math.ceil(total / note) * note));
    $("quick").replaceChildren(...[...sums].sort((a, b) => a - b).slice(0, 4).map((sum) => {
      const button = element("button", sum === total ? "正好" : yuan(sum / 100));
      button.type = "button";
      button.addEventListener("click", () => { $("tendered").value = (sum / 100).toFixed(2); drawChange(); $("cashForm").querySelector("[type=submit]").focus(); });
      return button;
    }));
  }

  function drawChange() {
    const value = $("tendered").value.trim();
    const change = fen(value) - fen(sale.total);
    const box = $("change");
    box.classList.toggle("is-less", Boolean(value) && !(change >= 0));
    box.textContent = !value ? yuan(0) : change >= 0 ? yuan(change / 100) : Number.isNaN(change) ? "金额不正确" : "还差 " + yuan(-change / 100);
  }

  $("tendered").addEventListener("input", drawChange);
  $("cashForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once($("payAlert"), async () => { sale = (await ask("cash", { sale: sale.id, tendered: $("tendered").value })).sale; drawSale(); refreshWaiting(); });
  });

  $("posForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once($("payAlert"), async () => {
      const told = { sale: sale.id, amount: sale.total, terminal: $("terminal").value, slip: $("slip").value };
      sale = (await ask("pos", told)).sale;
      localStorage.setItem("o2oTerminal", told.terminal.trim().toUpperCase()); // a counter has one terminal
      $("slip").value = "";
      drawSale();
      refreshWaiting();
    });
  });
  $("terminal").value = localStorage.getItem("o2oTerminal") || "";

  // -- a member's balance, with the code on the member's own telephone -----------------------

  let agreed = null;        // what the member was asked for: id, number, amount, state

  function emptyMember() {
    agreed = null;
    if (!options.members) { return; }
    ["mbText", "mbAmount", "mbCode"].forEach((name) => { $(name).value = ""; });
    $("mbHint").textContent = "";
    drawMember();
  }

  function drawMember() {
    const given = agreed && agreed.state !== "asked";
    $("mbCodeRow").hidden = !agreed || given;
    $("mbSend").hidden = Boolean(given);
    ["mbText", "mbAmount"].forEach((name) => { $(name).readOnly = Boolean(given); });
    if (given) { $("mbHint").textContent = "✓ " + agreed.member + " 已确认用储值余额 " + yuan(agreed.amount) + "，点“按以上收款”"; }
  }

  function whatMember(one) {
    const left = one.balance === null ? "非本机构会员，余额不显示" : "余额 " + yuan(one.balance);
    return [one.name, one.number, one.level, one.frozen ? "余额已冻结" : left].filter(Boolean).join(" · ");
  }

  // What was asked for before the page was closed is found again.
  async function findAgreed() {
    if (!options.members || !sale || sale.state !== "placed") { return; }
    const watched = sale.id;
    try {
      const told = await ask("consent_open", { sale: watched });
      if (!sale || sale.id !== watched || !told.consent || agreed) { return; }
      agreed = told.consent;
      $("mbAmount").value = agreed.amount;
      $("mixedBox").open = true;
      drawMember();
      drawRest();
    } catch (error) { /* nothing was asked for */ }
  }

  function sentWords(told) {
    $("mbHint").textContent = told.sent === false
      ? "刚给这个号码发过验证码，" + told.againAfter + " 秒后请点“重新发送”"
      : "验证码已发到会员手机，短信写明机构和金额；请会员核对后念出";
  }

  if (options.members) {
    $("mbText").addEventListener("change", async () => {
      try { $("mbHint").textContent = whatMember((await ask("member", { text: $("mbText").value, sale: sale.id })).member); }
      catch (error) { $("mbHint").textContent = error.message; }
    });
    $("mbAmount").addEventListener("focus", () => {
      if (!$("mbHint").textContent && (sale.phone || $("mbText").value.trim())) { $("mbText").dispatchEvent(new Event("change")); }
    });
    $("mbSend").addEventListener("click", () => once($("payAlert"), async () => {
      const amount = $("mbAmount").value.trim() || sale.due;
      let told;
      try { told = await ask("consent", { kind: "balance", sale: sale.id, text: $("mbText").value, amount }); }
      catch (error) { throw { ...error, field: { amount: "mbAmount", member: "mbText" }[error.field] || error.field }; }
      agreed = told.consent;
      $("mbAmount").value = agreed.amount;
      $("mbCode").value = "";
      drawMember();
      sentWords(told);
      drawRest();
      $("mbCode").focus();
    }));
    $("mbAgain").addEventListener("click", () => once($("payAlert"), async () => {
      sentWords(await ask("consent_code", { id: agreed.id }));
      $("mbCode").focus();
    }));
    $("mbGive").addEventListener("click", () => once($("payAlert"), async () => {
      try { agreed = { ...agreed, ...(await ask("consent_give", { id: agreed.id, code: $("mbCode").value })).consent }; }
      catch (error) { throw { ...error, field: "mbCode" }; }
      drawMember();
      drawRest();
      $("mixedForm").querySelector("[type=submit]").focus();
    }));
    ["mbText", "mbAmount", "mbCode"].forEach((name) => $(name).addEventListener("keydown", (event) => {
      if (event.key !== "Enter") { return; }
      event.preventDefault();
      if (name === "mbText") { $("mbAmount").focus(); } else { $(name === "mbCode" ? "mbGive" : "mbSend").click(); }
    }));
    // Another amount wants another code.
    $("mbAmount").addEventListener("input", () => { if (agreed && agreed.state === "asked") { agreed = null; drawMember(); } drawRest(); });
  }

  // -- several ways for one sale -----------------------------------------------------------

  const MIXED = ["mxCard", "mxCardAmount", "mxCash", "mxTerminal", "mxSlip", "mxPos", "mxCode"];
  const WRONG = { code: "mxCard", terminal: "mxTerminal", slip: "mxSlip", amount: "mxCardAmount" };

  function emptyMixed() {
    MIXED.forEach((name) => { $(name).value = ""; });
    emptyMember();
    $("mixedBox").open = false;
  }

  function chosenParts() {
    const parts = [];
    const value = (name) => $(name).value.trim();
    if (agreed && agreed.state !== "asked") { parts.push({ method: "balance", code: agreed.number, amount: agreed.amount }); }
    if (value("mxCard")) { parts.push({ method: "gift_card", code: value("mxCard"), amount: value("mxCardAmount") }); }
    if (value("mxCash")) { parts.push({ method: "cash", amount: value("mxCash") }); }
    if (value("mxSlip") || value("mxPos")) { parts.push({ method: "pos", code: value("mxTerminal") + "/" + value("mxSlip"), amount: value("mxPos") }); }
    return parts;
  }

  function drawRest() {
    if (!sale) { return; }
    const parts = chosenParts();
    const known = parts.reduce((sum, part) => sum + (fen(part.amount) || 0), 0);
    const all = parts.some((part) => part.method === "gift_card" && !part.amount);
    const rest = fen(sale.total) - known;
    $("mxRest").textContent = rest < 0 ? "多出 " + yuan(-rest / 100) : (all ? "储值卡用尽后，最多还差 " : "还差 ") + yuan(rest / 100) + (rest > 0 ? "，由微信支付" : "");
    $("mxRest").classList.toggle("is-less", rest < 0);
  }

  function part(one, way) {
    const row = element("li");
    row.append(element("span", one.label), element("b", yuan(one.amount)));
    if (way) { row.append(way); }
    return row;
  }

  function drawHeld() {
    const held = sale.state === "placed" && sale.parts.length > 0;
    $("heldBox").hidden = !held;
    $("heldParts").replaceChildren(...sale.parts.map((one) => part(one)));
    $("heldDue").textContent = "还差 " + yuan(sale.due);
    document.querySelectorAll(".desk-whole").forEach((one) => { one.hidden = held; });
    $("returnBox").hidden = !sale.toReturn.length;
    $("returnParts").replaceChildren(...sale.toReturn.map((one) => {
      const button = element("button", one.kind === "pos" ? "POS 已退货，登记" : "已退给顾客", "o2o-desk-plain");
      button.type = "button";
      const line = part(one, button);
      let typed = null;
      if (one.kind === "pos") {
        typed = element("input");
        typed.placeholder = "退货签购单 终端号/凭证号";
        typed.maxLength = 41;
        typed.setAttribute("aria-label", typed.placeholder);
        button.before(typed);
      }
      button.addEventListener("click", () => once($("payAlert"), async () => {
        sale = (await ask("returned", { sale: sale.id, share: one.id, reference: typed ? typed.value : "" })).sale;
        drawSale();
        refreshFloat();
      }));
      return line;
    }));
    drawRest();
  }

  // What is refused leaves the form as it was typed; what is held already is shown.
  async function seeHeld() {
    try { sale = (await ask("status", { sale: sale.id })).sale; drawSale(); } catch (error) { /* the first words count */ }
  }

  MIXED.forEach((name, place) => {
    $(name).addEventListener("input", drawRest);
    $(name).addEventListener("keydown", (event) => {
      // Enter goes on: a scanner ends a card's number with it. In the last field it takes the money.
      if (event.key === "Enter" && name !== "mxCode") { event.preventDefault(); $(MIXED[place + 1]).focus(); }
    });
  });
  $("mixedBox").addEventListener("toggle", () => {
    if ($("mixedBox").open) { $("mxTerminal").value = $("mxTerminal").value || localStorage.getItem("o2oTerminal") || ""; drawRest(); $("mxCard").focus(); }
  });
  $("mixedForm").addEventListener("submit", (event) => {
    event.preventDefault();
    const code = $("mxCode").value.replace(/\s/g, "");
    once($("payAlert"), async () => {
      if (options.members && ((agreed && agreed.state === "asked") || (!agreed && $("mbAmount").value.trim()))) {
        throw { message: "储值余额还没有会员确认", hint: "发送验证码，由会员念出后点“确认”；不用余额就清空金额", field: agreed ? "mbCode" : "mbAmount" };
      }
      $("mxCode").value = ""; // a payment code is good for one try
      try {
        const told = await ask("mixed", { sale: sale.id, parts: chosenParts(), code });
        sale = told.sale;
        drawSale();
        drawCharge(told.charge);
        if (sale.state === "placed" && !code) { $("authCode").focus(); }
      } catch (error) {
        await seeHeld();
        throw { ...error, field: WRONG[error.field] || error.field };
      }
      refreshFloat();
      refreshWaiting();
    });
  });
  $("releaseParts").addEventListener("click", () => {
    if (!window.confirm("放弃组合收款？储值卡、储值余额立即恢复；现金、刷卡须退还顾客并登记。")) { return; }
    once($("payAlert"), async () => { sale = (await ask("release", { sale: sale.id })).sale; emptyMember(); drawSale(); refreshFloat(); });
  });

  function showCode() {
    once($("payAlert"), async () => {
      const told = await ask("code", { sale: sale.id });
      sale = told.sale;
      drawSale();
      $("codeBox").innerHTML = told.svg; // made by the server from the code itself
    });
  }
  $("showCode").addEventListener("click", showCode);

  // The customer's phone was scanned: paid at once, or asked for the password; then ask every few seconds.
  let charging = null;
  function drawCharge(charge) {
    clearInterval(charging);
    charging = null;
    if (!charge || charge.state === "PAID" || !sale || sale.state !== "placed") { return; }
    if (charge.state === "FAILED") {
      $("codeHint").textContent = "顾客没有付款，已撤销，没有扣款。可请顾客刷新付款码重扫";
      $("authCode").focus();
      return;
    }
    const seconds = Math.max(0, Math.floor((new Date(charge.endsAt) - Date.now()) / 1000));
    $("codeBox").replaceChildren(element("p", "请顾客在手机上输入支付密码"));
    $("codeHint").textContent = "等待顾客确认，剩 " + seconds + " 秒，过后自动撤销，切勿重复收款";
    const watched = sale.id;
    charging = setInterval(async () => {
      if (!sale || sale.id !== watched || busy) { return; }
      try {
        const told = await ask("scan", { sale: watched });
        if (!sale || sale.id !== watched) { return; }
        if (told.sale.state !== sale.state) { sale = told.sale; drawSale(); refreshWaiting(); }
        drawCharge(told.charge);
      } catch (error) { $("codeHint").textContent = error.message; }
    }, 3000);
  }
  $("scanForm").addEventListener("submit", (event) => {
    event.preventDefault();
    const code = $("authCode").value.replace(/\s/g, "");
    if (!code) { return; }
    once($("payAlert"), async () => {
      $("authCode").value = "";
      const told = await ask("scan", { sale: sale.id, code });
      sale = told.sale;
      drawSale();
      drawCharge(told.charge);
      refreshWaiting();
    });
  });
  $("linkForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once($("payAlert"), async () => {
      sale = (await ask("link", { sale: sale.id, phone: $("linkPhone").value })).sale;
      calm();
      $("linkPhone").value = "";
      drawSale();
    });
  });
  $("askCode").addEventListener("click", () => once($("payAlert"), async () => {
    sale = (await ask("status", { sale: sale.id, ask: true })).sale;
    drawSale();
    if (sale.state === "placed") { $("codeHint").textContent = "微信还没有收到这笔付款"; }
  }));
  $("cancelSale").addEventListener("click", () => {
    if (!window.confirm("取消这笔销售并释放库存？")) { return; }
    once($("payAlert"), async () => { sale = (await ask("cancel", { sale: sale.id })).sale; drawSale(); refreshWaiting(); });
  });
  $("reopen").addEventListener("click", () => {
    const lines = sale.lines.map((line) => ({ id: line.variant, name: line.name, spec: line.spec, sku: "", price: line.price, quantity: line.quantity, left: null }));
    close();
    show({ ...fresh(), lines });
    changed();
  });
  function close() { clearInterval(poll); clearInterval(charging); $("pay").close(); }
  $("pay").addEventListener("close", () => { clearInterval(poll); clearInterval(charging); sale = null; refreshWaiting(); $("search").focus(); });
  $("payClose").addEventListener("click", close);
  $("next").addEventListener("click", close);

  async function refreshFloat() {
    try {
      const told = await ask("float", { place: $("place").value });
      $("float").textContent = told.available === null ? "没有备付金账户，只能扫码收款" : "备付金可用 " + yuan(told.available) + (told.frozen ? "（已冻结）" : "");
      $("float").classList.toggle("is-low", told.available === null || told.low || told.frozen);
    } catch (error) { /* the number is only for showing */ }
  }

  // -- keys --------------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    const paying = $("pay").open;
    if (event.key === "F2" && !paying) { event.preventDefault(); $("search").focus(); $("search").select(); }
    if (event.key === "F4" && !paying) { event.preventDefault(); place(); }
    if (event.key === "F6" && !paying) { event.preventDefault(); park(); }
    if (event.key === "F8" && paying && sale && sale.state === "placed" && !sale.parts.length) { event.preventDefault(); $("tendered").focus(); $("tendered").select(); }
    if (event.key === "F7" && paying && sale && sale.state === "placed" && !sale.parts.length) { event.preventDefault(); ($("terminal").value ? $("slip") : $("terminal")).focus(); }
    if (event.key === "F10" && paying && sale && sale.state === "placed") {
      event.preventDefault();
      if ($("mixedBox").open) { $("mxCard").focus(); } else { $("mixedBox").open = true; }
    }
    if (event.key === "F9" && paying && sale && sale.state === "placed") { event.preventDefault(); showCode(); }
    if ((event.key === "p" || event.key === "P") && paying && sale && sale.state === "paid" && event.target.tagName !== "INPUT") {
      event.preventDefault();
      $("slipForm").querySelector("button").click();
    }
  });
  window.addEventListener("beforeunload", () => { if (basket.lines.length) { clearTimeout(saveTimer); keep(); } });

  // An approved refund is waited for at the counter: it is looked for while nothing is paid.
  setInterval(() => { if (!$("pay").open && !document.hidden) { refreshWaiting(); } }, 20000);

  // -- begin -------------------------------------------------------------------------------

  $("place").value = options.place;
  draw();
  refreshWaiting().then((told) => {
    if (!told) { return; }
    const wanted = options.resume && told.sales.find((one) => String(one.id) === options.resume);
    if (wanted) { open(wanted); return; }
    if (options.resume) {
      ask("status", { sale: options.resume }).then((answer) => open(answer.sale)).catch((error) => complain($("alert"), error));
      return;
    }
    if (told.baskets.length && !basket.lines.length) {
      const last = told.baskets[0];
      show({ ...last.content, key: last.key });
      $("saved").textContent = "已恢复上次未下单的内容";
      refreshWaiting();
    }
  });
  $("search").focus();
})();
