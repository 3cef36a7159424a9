// The control panel: everything here is a call to /_sim, nothing more.
const $ = (selector) => document.querySelector(selector);
const KINDS = {
  http_500: "500 系统异常", http_429: "429 限频", error: "指定错误码", timeout: "超时（已处理，迟答）", answer_lost: "已处理，应答丢失",
  bad_signature: "应答验签失败", signtest: "签名探测流量", pay_after_close: "关单后仍付款", refund_result: "指定退款结果",
  unknown_serial: "序列号不认识", userpaying: "要求输密码", slow: "过一会儿自己付", still_paying: "支付中不能撤销",
  share_closed: "分账被关闭", return_failed: "回退失败", corrupt: "文件损坏",
  drop: "通知丢失", duplicate: "通知重复", late: "通知迟到", reorder: "通知乱序", stale: "通知时间戳过期",
};
const PLACES = {
  "*": "所有接口", prepay: "下单", query: "查询", close: "关单", refund: "退款", refund_query: "查询退款",
  codepay: "付款码", reverse: "撤销", receiver: "分账接收方", share: "分账", share_query: "查询分账", share_return: "分账回退",
  bill: "申请账单", bill_file: "下载账单", abnormal_refund: "异常退款", certificates: "平台证书", notify: "通知",
};
const STATES = {
  NOTPAY: ["未支付", "warn"], SUCCESS: ["已支付", "good"], REFUND: ["有退款", "good"], CLOSED: ["已关闭", ""],
  USERPAYING: ["等待密码", "warn"], REVOKED: ["已撤销", ""], PAYERROR: ["支付失败", "bad"], PROCESSING: ["处理中", "warn"],
  FINISHED: ["已完成", "good"], FAILED: ["失败", "bad"], PENDING: ["待分账", "warn"],
  pending: ["等待发送", "warn"], sending: ["发送中", "warn"], held: ["等待乱序", "warn"], delivered: ["已送达", "good"],
  failed: ["已放弃", "bad"], dropped: ["已丢失", "bad"],
};
const SCENES = { native: "扫码", jsapi: "公众号", h5: "网页", app: "App", code: "付款码" };

async function call(method, path, body) {
  const init = { method };
  if (body) Object.assign(init, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const response = await fetch("/_sim" + path, init);
  const data = await response.json();
  if (!response.ok) throw new Error(data.error ? data.error.message : "请求失败");
  return data;
}

let hush;
function say(words) {
  $("#said").textContent = words;
  clearTimeout(hush);
  hush = setTimeout(() => { $("#said").textContent = ""; }, 3000);
}

async function act(work, words) {
  try { await work(); say(words); await refresh(); } catch (error) { say(error.message); }
}

function cell(content, name = "") {
  const td = document.createElement("td");
  td.className = name;
  td.append(content ?? "");
  return td;
}

function tag(state) {
  const [words, tone] = STATES[state] || [state, ""];
  const span = document.createElement("span");
  span.className = "tag " + tone;
  span.textContent = words;
  return span;
}

function button(words, work, done) {
  const element = document.createElement("button");
  element.textContent = words;
  element.addEventListener("click", () => act(work, done));
  return element;
}

function fill(id, rows, none) {
  const body = $(id);
  body.replaceChildren(...rows.map((cells) => {
    const tr = document.createElement("tr");
    tr.append(...cells);
    if (cells.spent) tr.className = "spent";
    return tr;
  }));
  if (rows.length) return;
  const td = cell(none, "none");
  td.colSpan = 9;
  const tr = document.createElement("tr");
  tr.append(td);
  body.append(tr);
}

const short = (moment) => (moment ? moment.slice(5, 19).replace("T", " ") : "");

async function refresh() {
  const [{ faults }, { orders }, { notifications }, { shares, returns, receivers }] = await Promise.all(
    [call("GET", "/faults"), call("GET", "/wechat_pay/orders"), call("GET", "/wechat_pay/notifications"), call("GET", "/wechat_pay/shares")]);
  const money = (fen) => "¥" + (fen / 100).toFixed(2);
  fill("#shares", [
    ...shares.flatMap((share) => share.receivers.map((one) => [cell("分账"), cell(share.out_order_no, "mono"), cell(one.account, "mono"),
      cell(money(one.amount), "num"), cell(tag(one.result)), cell(one.fail_reason || one.description, "words")])),
    ...returns.map((one) => [cell("回退"), cell(one.out_return_no, "mono"), cell(one.return_mchid, "mono"), cell(money(one.amount), "num"),
      cell(tag(one.result)), cell(one.fail_reason || one.description, "words")]),
    ...receivers.map((one) => [cell("接收方"), cell(one.mchid, "mono"), cell(one.account, "mono"), cell(""), cell(one.relation_type), cell("")]),
  ], "还没有分账");
  fill("#faults", faults.map((fault) => {
    const { id, system, where, path, kind, out_trade_no: number, times_left: left, used, ...params } = fault;
    const cells = [cell(path || PLACES[where] || where), cell(KINDS[kind] || kind), cell(number || "任意", "mono"),
      cell(Object.entries(params).map(([name, value]) => `${name}=${value}`).join(" "), "mono"),
      cell(left === null ? "不限" : String(left)), cell(String(used)),
      cell(button("移除", () => call("DELETE", "/faults/" + id), "已移除"))];
    cells.spent = left === 0;
    return cells;
  }), "没有故障：一切正常");
  fill("#orders", orders.slice(0, 30).map((order) => {
    const number = order.out_trade_no;
    const todo = document.createDocumentFragment();
    if (order.trade_state === "NOTPAY") {
      const whole = order.combine_out_trade_no || number;
      todo.append(button("付款", () => call("POST", "/wechat_pay/pay", { out_trade_no: whole }), "已付款"));
    }
    if (order.trade_state === "USERPAYING") {
      todo.append(button("输入密码", () => call("POST", "/wechat_pay/password", { out_trade_no: number }), "已付款"),
        button("取消", () => call("POST", "/wechat_pay/password", { out_trade_no: number, right: false }), "已取消"));
    }
    if (order.trade_state === "CLOSED") {
      todo.append(button("关单后付款",
        () => call("POST", "/wechat_pay/pay", { out_trade_no: number, after_close: true }), "已付款"));
    }
    return [cell(order.combine_out_trade_no ? number + " ⟵ " + order.combine_out_trade_no : number, "mono"), cell(order.mchid, "mono"),
      cell(order.description, "words"), cell(SCENES[order.kind]),
      cell("¥" + (order.amount.total / 100).toFixed(2), "num"), cell(tag(order.trade_state)),
      cell(short(order.created_at)), cell(todo)];
  }), "还没有订单");
  fill("#notifications", notifications.reverse().slice(0, 30).map((item) => {
    const last = item.log.at(-1);
    return [cell(item.event_type, "mono"), cell(item.out_trade_no, "mono"), cell(tag(item.state)),
      cell(String(item.attempts)), cell(last ? String(last.status ?? last.answer) : "", "words"), cell(short(item.next_at)),
      cell(button("再发一次", () => call("POST", "/wechat_pay/notifications/send", { id: item.id }), "已发送"))];
  }), "还没有通知");
}

function values(form) {
  const data = {};
  for (const element of form.elements) {
    if (!element.name || (element.closest("label") && element.closest("label").hidden)) continue;
    if (element.type === "checkbox") data[element.name] = element.checked;
    else if (element.value !== "") data[element.name] = element.type === "number" ? Number(element.value) : element.value;
  }
  return data;
}

function onSubmit(id, path, words) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => call("POST", path, values(event.target)), words);
  });
}

const known = JSON.parse($("#fault").dataset.faults);
const [where, kind] = [$("#fault [name=where]"), $("#fault [name=kind]")];
function choices() {
  kind.replaceChildren(...known[where.value].map((name) => new Option(KINDS[name] || name, name)));
  extras();
}
function extras() {
  for (const label of document.querySelectorAll("[data-for]")) label.hidden = label.dataset.for !== kind.value;
}
where.append(...Object.keys(known).map((name) => new Option(PLACES[name] || name, name)));
where.addEventListener("change", choices);
kind.addEventListener("change", extras);
choices();
onSubmit("#clock", "/clock", "时钟已设定");
onSubmit("#options", "/wechat_pay/options", "规则已设定");
onSubmit("#fault", "/faults", "故障已添加");
onSubmit("#age", "/wechat_pay/age", "日子过去了，账单已可下载");
onSubmit("#rotate", "/wechat_pay/rotate", "新钥匙已生效，旧的仍有效");
$("#clear").addEventListener("click", () => act(() => call("DELETE", "/faults"), "故障已清除"));
$("#reset").addEventListener("click", () => {
  if (confirm("清空沙箱里的订单、退款、通知、消息与故障？")) act(() => call("POST", "/reset"), "已清空");
});
refresh();
setInterval(refresh, 3000);
