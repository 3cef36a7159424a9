// What the ticket counters share: asking, complaining, one press at a time; below, the money.
// `options`: addresses `ask` and `till` with NAME for the question; `fields`: the input of each field that a refusal
// names; `broken`: what happens to what was asked when the line is down; `look`: what the page's classes begin with.
window.o2oCounter = function (options, fields, broken, look) {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const csrf = document.querySelector("#pay input[name=csrfmiddlewaretoken]").value;
  let busy = false;

  // also where the page is not served by https, and there is no randomUUID
  const hex = (size) => [...crypto.getRandomValues(new Uint8Array(size))].map((one) => one.toString(16).padStart(2, "0")).join("");
  const newKey = () => "counter-" + [hex(4), hex(2), "4" + hex(2).slice(1), "8" + hex(2).slice(1), hex(6)].join("-");
  const make = (tag, text) => { const one = document.createElement(tag); if (text !== undefined) { one.textContent = text; } return one; };
  // who hears the page instead of seeing it is told which one is meant, too
  const mark = (list, index) => {
    list.removeAttribute("aria-activedescendant");
    [...list.children].forEach((one, place) => {
      one.id = one.id || list.id + "-" + place;
      one.setAttribute("aria-selected", String(place === index));
      if (place === index) { list.setAttribute("aria-activedescendant", one.id); }
    });
  };

  async function ask(address, name, body) {
    let response;
    try {
      response = await fetch(address.replace("NAME", name), {
        method: "POST", credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrf, Accept: "application/json" },
        body: JSON.stringify(body || {}),
      });
    } catch (unreachable) {
      throw { message: "网络不通，已输入的内容都在", hint: broken };
    }
    if (!(response.headers.get("Content-Type") || "").includes("json")) { throw { message: "登录已过期或系统出错", hint: "请在新标签页重新登录后再试" }; }
    const told = await response.json();
    if (told.error) { throw told.error; }
    return told;
  }

  function complain(box, error) {
    box.replaceChildren(document.createTextNode(error.message || String(error)));
    if (error.hint) { box.append(make("small", error.hint)); }
    box.hidden = false;
    const wrong = $(fields[String(error.field || "").split(".")[0]] || "");
    if (wrong) { wrong.classList.add("is-wrong"); wrong.focus(); }
  }
  function calm() {
    ["alert", "payAlert"].forEach((id) => { $(id).hidden = true; });
    dismiss();
    document.querySelectorAll(".is-wrong").forEach((one) => one.classList.remove("is-wrong"));
  }
  // Said where it is seen: in the window of the money while that is open.
  const box = () => $($("pay").open ? "payAlert" : "alert");
  // One press is one request; a second press while it runs does nothing.
  async function once(work) {
    if (busy) { return; }
    busy = true; calm();
    try { await work(); } catch (error) { complain(box(), error); } finally { busy = false; }
    // only now may the answer be agreed to
    if (asking) { asking.box.focus(); }
  }

  // It costs more than it was shown for. The key that was about to be pressed anyway agrees to nothing: the notice takes
  // the focus, Enter does nothing there, F10 or its button agrees, Esc goes back.
  // `told`: {after: the element below which it stands, was, now: the sums in words, words: why, agree, back}.
  let asking = null;
  function dearer(told) {
    dismiss();
    const notice = make("div");
    notice.className = look + "-alert " + look + "-risen"; notice.id = "risen"; notice.tabIndex = -1;
    [["role", "alertdialog"], ["aria-labelledby", "risenTitle"], ["aria-describedby", "risenText"]].forEach(([name, value]) => notice.setAttribute(name, value));
    const title = make("b", "涨价了，还没有成交"); title.id = "risenTitle";
    const text = make("p", (told.words ? told.words + "：" : "") + "原来 " + told.was + "，现在 " + told.now + "。请先告诉顾客"); text.id = "risenText";
    const buttons = make("div"); buttons.className = look + "-buttons";
    const agree = make("button", "同意 " + told.now + " "); agree.type = "button"; agree.id = "risenAgree"; agree.className = look + "-go"; agree.append(make("kbd", "F10"));
    const back = make("button", "不同意 "); back.type = "button"; back.id = "risenBack"; back.className = look + "-plain"; back.append(make("kbd", "Esc"));
    buttons.append(agree, back);
    notice.append(title, text, buttons);
    told.after.after(notice);
    asking = { box: notice, ...told };
    agree.addEventListener("click", accept);
    back.addEventListener("click", refuse);
    notice.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); refuse(); } });
    notice.focus();
  }
  function dismiss() { if (asking) { asking.box.remove(); asking = null; } }
  function accept() {
    if (busy || !asking) { return; }
    const { agree } = asking;
    dismiss(); agree();
  }
  function refuse() {
    if (busy || !asking) { return; }
    const { back } = asking;
    dismiss(); back();
  }
  document.addEventListener("keydown", (event) => { if (event.key === "F10") { event.preventDefault(); if (!event.repeat) { accept(); } } });

  // A caller (`options.phone`: the telephone of the own unit): what he buys is paid by a link that goes to his mobile,
  // and the tickets go there as well; the clerk need not wait for him.
  const byPhone = () => Boolean(options.phone && $("byPhone").checked);
  const where = () => (byPhone() ? { place: options.phone.place, phone: $("mobile").value } : { place: "", phone: "" });
  function ways() {
    const on = byPhone();
    ["cashForm", "scanForm", "showCode"].forEach((id) => { if ($(id)) { $(id).style.display = on ? "none" : ""; } });
    $("linkForm").style.display = on ? "" : "none";
    $("linkHint").textContent = "";
  }
  // Another day, so many later; false: what was typed is none, and it is today again.
  function shift(days) {
    const day = new Date($("day").value + "T12:00:00Z");
    if (Number.isNaN(day.getTime())) { $("day").value = options.today; return false; }
    day.setUTCDate(day.getUTCDate() + days);
    $("day").value = day.toISOString().slice(0, 10);
    return true;
  }
  const linked = (sale) => "付款链接已发到 " + sale.linkTo + "。可以接下一位，票保留到付款截止；付款后自动出票，短信通知";
  if (options.phone) { $("phoneBox").hidden = false; $("phoneName").textContent = options.phone.name; }

  return {
    byPhone, where, ways, linked, shift,
    newKey, make, mark, complain, calm, once, isBusy: () => busy, dearer,
    // what waits for the clerk's word is in front of him again, and nothing else is done
    undecided: () => { if (asking) { asking.box.focus(); } return Boolean(asking); },
    mine: (name, body) => ask(options.ask, name, body), till: (name, body) => ask(options.till, name, body),
  };
};

// The money at the ticket counters: placed at the till, taken in cash or by code, waited for.
// `work.due()`: {key, number, amount} of what is paid; `work.placed()`: there is a sale to take it for; `work.over()`: it
// is paid, or closed.
window.o2oTill = function (counter, work) {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const { complain, calm, once, isBusy, mine, till, byPhone, where, ways, linked } = counter;
  const POLL = 1500;
  let sale = null;
  let poll = null;
  let missed = null;

  function later(act, soon) { clearTimeout(poll); poll = setTimeout(act, soon || POLL); }

  // What the window was opened for, and cannot be pressed again once it has failed: it gets a button of its own.
  async function attempt(act) {
    $("retryBox").hidden = true;
    try { await act(); } catch (error) { missed = act; $("retryBox").hidden = false; $("retry").focus(); throw error; }
  }
  // One key is one sale, however often it is placed.
  async function place() {
    const { key, number, amount } = work.due();
    sale = (await till("place", { key: key.slice(8, 44), lines: [], holds: [{ number }], delivery: "pickup", method: null, ...where(), address: {} })).sale;
    $("tillLink").href = sale.page;
    if (sale.state !== "placed") { work.over(); return; }
    work.placed();
    $("payWays").hidden = false; ways();
    if (byPhone()) { $("linkButton").focus(); return; }
    $("tendered").value = amount; $("tendered").focus(); $("tendered").select();
  }
  function wait() {
    clearTimeout(poll);
    if (sale.state !== "placed") { work.over(); return; }
    later(async () => {
      if (!sale) { return; }
      try { sale = (await till("status", { sale: sale.id, ask: true })).sale; } catch (error) { complain($("payAlert"), error); wait(); return; }
      calm();
      wait();
    });
  }
  const unpaid = (order) => Boolean(sale ? sale.state === "placed" : order && (order.state === "held" || order.state === "holding"));
  // Left without the money: what is held is free for others at once, nobody waits until the hold is over.
  // `next`: the next customer; `hint`: where it is said what became of `order`, `freed` in which words.
  function leave(order, next, hint, freed) {
    if (isBusy()) { return; }
    const [sold, open] = [sale, unpaid(order)];
    next();
    if (!open) { return; }
    // who has the link pays when he is ready; nothing is taken from him
    if (sold && sold.linkTo) { hint.textContent = linked(sold); return; }
    once(async () => {
      if (sold) { await till("cancel", { sale: sold.id, reason: "顾客放弃购票" }); } else { await mine("give_up", { number: order.number }); }
      hint.textContent = "已放弃 " + order.title + "，" + freed;
    });
  }
  $("retry").addEventListener("click", () => once(() => attempt(missed)));
  $("cashForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once(async () => { sale = (await till("cash", { sale: sale.id, tendered: $("tendered").value })).sale; work.over(); });
  });
  $("linkForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once(async () => { sale = (await till("link", { sale: sale.id, phone: $("mobile").value })).sale; $("linkHint").textContent = linked(sale); $("pay").classList.add("is-linked"); wait(); });
  });
  $("scanForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once(async () => { sale = (await till("scan", { sale: sale.id, code: $("authCode").value.trim() })).sale; wait(); });
  });
  $("showCode").addEventListener("click", () => once(async () => {
    const told = await till("code", { sale: sale.id });
    const drawn = new DOMParser().parseFromString(told.svg, "image/svg+xml").documentElement;
    $("codeBox").replaceChildren(document.importNode(drawn, true));
    wait();
  }));

  return {
    attempt, place, later, unpaid, leave,
    get sale() { return sale; },
    // the next customer
    forget() { clearTimeout(poll); sale = null; missed = null; $("retryBox").hidden = true; $("authCode").value = ""; $("codeBox").replaceChildren(); $("byPhone").checked = false; $("pay").classList.remove("is-linked"); },
  };
};
