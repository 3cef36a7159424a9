// What the ticket counters share: asking, complaining, one press at a time; below, the money.
// `options`: addresses `ask` and `till` with NAME for the question; `fields`: the input of each field that a refusal
// names; `broken`: what happens to what was asked when the line is down.
window.o2oCounter = function (options, fields, broken) {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const csrf = document.querySelector("#pay input[name=csrfmiddlewaretoken]").value;
  let busy = false;

  // also where the page is not served by https, and there is no randomUUID
  const hex = (size) => [...crypto.getRandomValues(new Uint8Array(size))].map((one) => one.toString(16).padStart(2, "0")).join("");
  const newKey = () => "counter-" + [hex(4), hex(2), "4" + hex(2).slice(1), "8" + hex(2).slice(1), hex(6)].join("-");
  const make = (tag, text) => { const one = document.createElement(tag); if (text !== undefined) { one.textContent = text; } return one; };
  const mark = (list, index) => [...list.children].forEach((one, place) => one.setAttribute("aria-selected", String(place === index)));

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
    $("alert").hidden = true; $("payAlert").hidden = true;
    document.querySelectorAll(".is-wrong").forEach((one) => one.classList.remove("is-wrong"));
  }
  // Said where it is seen: in the window of the money while that is open.
  const box = () => $($("pay").open ? "payAlert" : "alert");
  // One press is one request; a second press while it runs does nothing.
  async function once(work) {
    if (busy) { return; }
    busy = true; calm();
    try { await work(); } catch (error) { complain(box(), error); } finally { busy = false; }
  }

  return {
    newKey, make, mark, complain, calm, once, isBusy: () => busy,
    mine: (name, body) => ask(options.ask, name, body), till: (name, body) => ask(options.till, name, body),
  };
};

// The money at the ticket counters: placed at the till, taken in cash or by code, waited for.
// `work.due()`: {key, number, amount} of what is paid; `work.placed()`: there is a sale to take it for; `work.over()`: it
// is paid, or closed.
window.o2oTill = function (counter, work) {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const { complain, calm, once, till } = counter;
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
    sale = (await till("place", { key: key.slice(8, 44), lines: [], holds: [{ number }], delivery: "pickup", method: null, place: "", phone: "", address: {} })).sale;
    $("tillLink").href = sale.page;
    if (sale.state !== "placed") { work.over(); return; }
    work.placed();
    $("payWays").hidden = false;
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
  $("retry").addEventListener("click", () => once(() => attempt(missed)));
  $("cashForm").addEventListener("submit", (event) => {
    event.preventDefault();
    once(async () => { sale = (await till("cash", { sale: sale.id, tendered: $("tendered").value })).sale; work.over(); });
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
    attempt, place, later,
    get sale() { return sale; },
    // the next customer
    forget() { clearTimeout(poll); sale = null; missed = null; $("retryBox").hidden = true; $("authCode").value = ""; $("codeBox").replaceChildren(); },
  };
};
