// The editor: runs operations, shows answers, keeps a history in this browser. No code of others, no network but ours.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const endpoint = document.body.dataset.endpoint;
  const query = byId("query"), variables = byId("variables"), headers = byId("headers"), answer = byId("answer"), status = byId("status");
  const KEY = "o2o-graphql", MOST_KEPT = 50;
  const WELCOME = `# 欢迎使用接口调试台。按 Ctrl + Enter 运行。
query Welcome {
  shop {
    name
    description
  }
  products(first: 5) {
    totalCount
    edges {
      node {
        id
        name
      }
    }
  }
}
`;

  const read = (name, otherwise) => {
    try { return JSON.parse(localStorage.getItem(KEY + ":" + name)) ?? otherwise; } catch { return otherwise; }
  };
  const write = (name, value) => {
    try { localStorage.setItem(KEY + ":" + name, JSON.stringify(value)); } catch { /* full or forbidden: no history then */ }
  };

  function say(text, bad) {
    status.textContent = text;
    status.classList.toggle("bad", Boolean(bad));
  }

  function readObject(area, title) {
    if (!area.value.trim()) return {};
    let value;
    try { value = JSON.parse(area.value); } catch (error) { throw new Error(title + "不是正确的 JSON：" + error.message); }
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error(title + "必须是一个 JSON 对象");
    return value;
  }

  async function send(data, extra) {
    const started = performance.now();
    const response = await fetch(endpoint, {
      method: "POST", credentials: "omit", body: JSON.stringify(data),
      headers: { "Content-Type": "application/json", ...extra },
    });
    const text = await response.text();
    let body = null;
    try { body = JSON.parse(text); } catch { /* not JSON: shown as it is */ }
    return { response, text, body, took: Math.round(performance.now() - started) };
  }

  // JSON with colours, made of text nodes: what the server says is never read as HTML.
  function paint(text) {
    const parts = document.createDocumentFragment();
    const pattern = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
    let at = 0, match;
    while ((match = pattern.exec(text))) {
      parts.append(text.slice(at, match.index));
      const piece = document.createElement("span");
      piece.className = match[2] ? (match[1] === '"errors"' ? "e" : "k") : match[1] ? "s" : "n";
      piece.textContent = match[1] || match[0];
      parts.append(piece, match[2] || "");
      at = pattern.lastIndex;
    }
    parts.append(text.slice(at));
    answer.replaceChildren(parts);
    answer.scrollTop = 0;
  }

  async function run() {
    const button = byId("run"), operation = byId("operation");
    let data, extra;
    try {
      data = { query: query.value, variables: readObject(variables, "变量") };
      extra = readObject(headers, "请求头");
      if (!operation.hidden) data.operationName = operation.value;
    } catch (error) { say(error.message, true); return; }
    button.disabled = true;
    say("运行中…");
    try {
      const { response, text, body, took } = await send(data, extra);
      paint(body === null ? text : JSON.stringify(body, null, 2));
      const failed = !response.ok || Boolean(body && body.errors);
      const ident = response.headers.get("X-Request-ID");
      say(`${response.status} · ${took} 毫秒 · ${(text.length / 1024).toFixed(1)} KB${failed && ident ? " · 编号 " + ident : ""}`, failed);
      remember();
    } catch (error) {
      say("请求没有送达：" + error.message, true);
    } finally { button.disabled = false; }
  }

  // -- history: queries and variables only; headers hold tokens and are not kept
  function remember() {
    const entry = { query: query.value, variables: variables.value, at: Date.now() };
    const rest = read("history", []).filter((item) => item.query !== entry.query || item.variables !== entry.variables);
    write("history", [entry, ...rest].slice(0, MOST_KEPT));
    showHistory();
  }

  function showHistory() {
    const list = byId("history-list");
    list.replaceChildren(...read("history", []).map((entry) => {
      const item = document.createElement("li"), button = document.createElement("button"), when = document.createElement("small");
      button.type = "button";
      button.textContent = (GraphqlFormat.operations(entry.query)[0] || entry.query.replace(/#.*|\s+/g, " ").trim().slice(0, 40)) || "（空）";
      when.textContent = new Date(entry.at).toLocaleString("zh-CN");
      button.append(when);
      button.addEventListener("click", () => set(entry.query, entry.variables));
      item.append(button);
      return item;
    }));
  }

  // -- editor
  function refresh() {
    const lines = query.value.split("\n").length;
    query.previousElementSibling.textContent = Array.from({ length: lines }, (_, n) => n + 1).join("\n");
    query.previousElementSibling.scrollTop = query.scrollTop;
    const names = GraphqlFormat.operations(query.value).filter(Boolean), choice = byId("operation"), before = choice.value;
    choice.hidden = names.length < 2;
    choice.replaceChildren(...names.map((name) => new Option(name, name)));
    if (names.includes(before)) choice.value = before;
    write("draft", { query: query.value, variables: variables.value });
  }

  function set(text, values) {
    query.value = text;
    variables.value = values;
    refresh();
  }

  function format() {
    query.value = GraphqlFormat.tidy(query.value);
    try { if (variables.value.trim()) variables.value = JSON.stringify(readObject(variables, "变量"), null, 2); } catch (error) { say(error.message, true); }
    refresh();
  }

  const PAIRS = { "{": "}", "(": ")", "[": "]" };

  function onKey(event) {
    const area = event.target, mark = event.ctrlKey || event.metaKey;
    if (mark && event.key === "Enter") { event.preventDefault(); run(); return; }
    if (mark && event.shiftKey && event.key.toLowerCase() === "f") { event.preventDefault(); format(); return; }
    if (area.tagName !== "TEXTAREA") return;
    const { selectionStart: start, selectionEnd: end, value } = area;
    const put = (text, back) => {
      event.preventDefault();
      area.setRangeText(text, start, end, "end");
      if (back) area.selectionStart = area.selectionEnd = area.selectionEnd - back;
      area.dispatchEvent(new Event("input"));
    };
    if (event.key === "Tab" && !event.shiftKey) put("  ");
    else if (event.key === "Enter" && !event.isComposing) {
      const indent = /^\s*/.exec(value.slice(value.lastIndexOf("\n", start - 1) + 1, start))[0];
      const opened = "{([".includes(value[start - 1] || " "), closes = opened && value[start] === PAIRS[value[start - 1]];
      put("\n" + indent + (opened ? "  " : "") + (closes ? "\n" + indent : ""), closes ? indent.length + 1 : 0);
    } else if (PAIRS[event.key] && start === end && !/\S/.test(value[start] || " ")) put(event.key + PAIRS[event.key], 1);
    else if ("})]".includes(event.key) && value[start] === event.key && start === end) { event.preventDefault(); area.selectionStart = area.selectionEnd = start + 1; }
  }

  // -- tabs, panels, login, link
  function choose(name) {
    for (const tab of document.querySelectorAll("[role=tab]")) tab.setAttribute("aria-selected", String(tab.dataset.pane === name));
    for (const pane of document.querySelectorAll(".panes > *")) pane.hidden = pane.dataset.pane !== name;
  }

  function toggler(button, panel, name) {
    const show = (open) => { panel.hidden = !open; button.setAttribute("aria-expanded", String(open)); write(name, open); };
    show(read(name, !panel.hidden));
    button.addEventListener("click", () => show(panel.hidden));
  }

  async function login(event) {
    event.preventDefault();
    const form = new FormData(event.target), note = byId("login-note");
    const text = "mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) { token errors { message } } }";
    try {
      const { body } = await send({ query: text, variables: { email: form.get("email"), password: form.get("password") } }, {});
      const made = body && body.data && body.data.tokenCreate;
      if (!made || !made.token) throw new Error(made && made.errors.length ? made.errors[0].message : (body.errors || [{ message: "没有取得令牌" }])[0].message);
      setAuthorization("JWT " + made.token);
      note.textContent = "已登录：" + form.get("email");
      event.target.reset();
      choose("headers");
    } catch (error) { note.textContent = "登录失败：" + error.message; }
  }

  function setAuthorization(value) {
    let known = {};
    try { known = readObject(headers, "请求头"); } catch { /* replaced */ }
    delete known.Authorization;
    if (value) known.Authorization = value;
    headers.value = Object.keys(known).length ? JSON.stringify(known, null, 2) : "";
  }

  async function share() {
    const link = new URL(location.href);
    link.hash = new URLSearchParams({ query: query.value, variables: variables.value }).toString();
    history.replaceState(null, "", link);
    try { await navigator.clipboard.writeText(link.href); say("链接已复制"); } catch { say("链接已写入地址栏"); }
  }

  function start() {
    const linked = new URLSearchParams(location.hash.slice(1)), draft = read("draft", { query: WELCOME, variables: "" });
    set(linked.get("query") || draft.query || WELCOME, linked.get("query") ? linked.get("variables") || "" : draft.variables);
    showHistory();
    toggler(byId("toggle-docs"), byId("docs"), "docs");
    toggler(byId("toggle-history"), byId("history"), "history-open");
    byId("run").addEventListener("click", run);
    byId("format").addEventListener("click", format);
    byId("share").addEventListener("click", share);
    byId("login").addEventListener("submit", login);
    byId("logout").addEventListener("click", () => { setAuthorization(""); byId("login-note").textContent = "已退出登录。"; });
    byId("clear-history").addEventListener("click", () => { write("history", []); showHistory(); });
    for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => choose(tab.dataset.pane));
    query.addEventListener("input", refresh);
    variables.addEventListener("input", refresh);
    query.addEventListener("scroll", () => { query.previousElementSibling.scrollTop = query.scrollTop; });
    document.addEventListener("keydown", onKey);
    GraphqlDocs.load(send, ({ text, variables: values }) => {
      set(text, Object.keys(values).length ? JSON.stringify(values, null, 2) : "");
      choose("variables");
      query.focus();
    });
  }

  start();
})();
