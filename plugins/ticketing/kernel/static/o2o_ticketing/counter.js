// What the ticket counters share: asking, complaining, one press at a time.
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
  // One press is one request; a second press while it runs does nothing.
  async function once(box, work) {
    if (busy) { return; }
    busy = true; calm();
    try { await work(); } catch (error) { complain(box, error); } finally { busy = false; }
  }

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
  const linked = (sale) => "付款链接已发到 " + sale.linkTo + "。可以接下一位，座位保留到付款截止；付款后自动出票，短信通知";
  if (options.phone) { $("phoneBox").hidden = false; $("phoneName").textContent = options.phone.name; }

  return {
    byPhone, where, ways, linked,
    newKey, make, mark, complain, calm, once, isBusy: () => busy,
    mine: (name, body) => ask(options.ask, name, body), till: (name, body) => ask(options.till, name, body),
  };
};
