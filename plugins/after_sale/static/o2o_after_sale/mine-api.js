// 我的订单: the token, the questions, and refusals in words. Nothing here draws.
const MineApi = (function () {
  "use strict";

  const TOKEN = "o2o.mine.token";
  const ERRORS = "errors { field message hint code }";
  const LINES = "lines { productName variantName quantity shipped unitPrice total }";
  const PART = `number seller modeLabel state stateLabel goods discount shipping prepaid total receiveBy afterSaleUntil actions ${LINES}`;
  const HEAD = "number token lineLabel state stateLabel cancelLabel total refunded placedAt payBy actions";
  const SALE = `number kind state stateText reason text subOrderNumber amount freight agreed dueAt bearer returnTo carrier waybill
    answer outcome outCarrier outWaybill via createdAt endedAt lines { productName wanted quantity amount accepted agreed }
    complaint { number state stateText }`;
  const COMPLAINT = "number topic state stateText subOrderNumber afterSaleNumber dueAt forBuyer amount ruling createdAt statements { party text at }";

  let token = localStorage.getItem(TOKEN) || "";
  let loggedOut = () => undefined;

  function keep(value) {
    token = value || "";
    if (token) { localStorage.setItem(TOKEN, token); } else { localStorage.removeItem(TOKEN); }
  }

  async function graphql(query, variables, files) {
    const operation = { query, variables: variables || {} };
    let body = JSON.stringify(operation);
    const headers = token ? { Authorization: "JWT " + token } : {};
    if (files && files.length) {
      operation.variables.photos = files.map(() => null);
      body = new FormData();
      body.append("operations", JSON.stringify(operation));
      body.append("map", JSON.stringify(Object.fromEntries(files.map((_file, n) => [String(n), ["variables.photos." + n]]))));
      files.forEach((file, n) => body.append(String(n), file));
    } else {
      headers["Content-Type"] = "application/json";
    }
    let response;
    try {
      response = await fetch("/graphql/", { method: "POST", credentials: "omit", headers, body });
    } catch (broken) {
      throw { message: "网络不通，填写的内容都还在", hint: "恢复后再点一次，不会重复提交" };
    }
    let told;
    try { told = await response.json(); } catch (odd) { throw { message: "系统暂时出错，填写的内容都还在", hint: "请稍后再点一次" }; }
    if (told.errors) {
      const first = told.errors[0];
      const exception = (first.extensions && first.extensions.exception && first.extensions.exception.code) || "";
      if (/JSONWebToken|JWT|Signature|PermissionDenied/.test(exception)) {
        keep("");
        loggedOut();
        throw { message: "登录已过期，请重新登录" };
      }
      throw { message: first.message, hint: first.extensions && first.extensions.hint };
    }
    return told.data;
  }

  // The one field of a mutation, or its first refusal thrown.
  async function act(query, variables, files) {
    const answer = Object.values(await graphql(query, variables, files))[0];
    if (answer.errors && answer.errors.length) { throw answer.errors[0]; }
    return answer;
  }
  const simple = (name, more) => (number) =>
    act(`mutation($number: String!) { ${name}(number: $number${more || ""}) { ${ERRORS} } }`, { number });

  return {
    get known() { return Boolean(token); },
    onLoggedOut(action) { loggedOut = action; },
    logout() { keep(""); },
    async login(email, password) {
      const told = await graphql("mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) { token errors { message } } }", { email, password });
      if (!told.tokenCreate.token) {
        // stock says "wrong" in English, the rules of logging in say what they have to say in Chinese
        const refusal = (told.tokenCreate.errors || [])[0];
        throw refusal && !/^[\x20-\x7e]*$/.test(refusal.message) ? refusal : { message: "邮箱或密码不正确" };
      }
      keep(told.tokenCreate.token);
    },
    async orders(tab, search, after) {
      return (await graphql(`query($tab: MyOrderTab, $search: String, $after: String) { myOrders(tab: $tab, search: $search, first: 10, after: $after) {
        cursor tabs { tab label count } items { ${HEAD} subOrders { number seller stateLabel ${LINES} } } } }`, { tab, search, after })).myOrders;
    },
    async order(number) {
      return (await graphql(`query($number: String!) { myOrder(number: $number) { ${HEAD} paidAt completedAt subOrders { ${PART} } timeline { kindLabel text at } } }`, { number })).myOrder;
    },
    cancel: simple("myOrderCancel"),
    receive: simple("myOrderReceive"),
    reorder(number) {
      return act(`mutation($number: String!) { myOrderReorder(number: $number) { checkout { token } changes { name words } ${ERRORS} } }`, { number });
    },
    pay(token_) {
      return act(`mutation($token: String!) { paymentStart(orderToken: $token, method: WECHAT_H5) { h5Url ${ERRORS} } }`, { token: token_ });
    },
    async offer(part) {
      return (await graphql(`query($part: String!) { afterSaleOffer(subOrderNumber: $part) { subOrderNumber mayApply mayReturn until freight repairUntil
        lines { lineId productName quantity returnable amount isOpen } swaps { lineId variantId name inStock } } }`, { part })).afterSaleOffer;
    },
    async apply(key, input, photos) {
      return (await act(`mutation($key: String!, $input: AfterSaleInput!, $photos: [Upload!]) { afterSaleApply(key: $key, input: $input, photos: $photos) {
        afterSale { number } ${ERRORS} } }`, { key, input }, photos)).afterSale;
    },
    async sales(skip) { return (await graphql(`query($skip: Int) { myAfterSales(first: 20, skip: $skip) { ${SALE} } }`, { skip })).myAfterSales; },
    async sale(number) {
      return (await graphql(`query($number: String!) { myAfterSale(number: $number) { ${SALE} evidence { party data } } }`, { number })).myAfterSale;
    },
    withdraw: simple("afterSaleWithdraw"),
    arrived: simple("afterSaleReceive"),
    choose(number, refund) {
      return act(`mutation($number: String!, $refund: Boolean!) { afterSaleChoose(number: $number, refund: $refund) { ${ERRORS} } }`, { number, refund });
    },
    shipBack(number, carrier, waybill) {
      return act(`mutation($number: String!, $carrier: String!, $waybill: String!) { afterSaleShipBack(number: $number, carrier: $carrier, waybill: $waybill) { ${ERRORS} } }`, { number, carrier, waybill });
    },
    async arbitrate(key, number, text, photos) {
      return (await act(`mutation($key: String!, $number: String!, $text: String!, $photos: [Upload!]) { afterSaleArbitrate(key: $key, number: $number, text: $text, photos: $photos) {
        complaint { number } ${ERRORS} } }`, { key, number, text }, photos)).complaint;
    },
    async complaints(skip) { return (await graphql(`query($skip: Int) { myComplaints(first: 50, skip: $skip) { ${COMPLAINT} } }`, { skip })).myComplaints; },
    async complain(key, part, topic, text, photos) {
      return (await act(`mutation($key: String!, $part: String!, $topic: ComplaintTopic!, $text: String!, $photos: [Upload!]) {
        complaintCreate(key: $key, subOrderNumber: $part, topic: $topic, text: $text, photos: $photos) { complaint { number } ${ERRORS} } }`, { key, part, topic, text }, photos)).complaint;
    },
    say(number, text, photos) {
      return act(`mutation($number: String!, $text: String!, $photos: [Upload!]) { complaintSay(number: $number, text: $text, photos: $photos) { ${ERRORS} } }`, { number, text }, photos);
    },
    dropComplaint: simple("complaintWithdraw"),
  };
}());
