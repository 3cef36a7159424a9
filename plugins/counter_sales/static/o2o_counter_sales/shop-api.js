// 店主台: the token, the questions, and refusals in words. Nothing here draws.
const ShopApi = (function () {
  "use strict";

  const TOKEN = "o2o.shop.token";
  const LINE = "id variantId name spec quantity handed left price total";
  const SALE = `id number orderNumber state stateText delivery total paidBy customer pickupCode pickupQr madeAt handed left
    prints closeReason codeUntil place receipt { number tendered change } lines { ${LINE} }`;
  const ERRORS = "errors { field message hint code }";
  const FLOAT = "float { available balance creditLimit isLow isFrozen frozenReason }";
  const DESK = `key name unitName shopCode isOpen statusText ${FLOAT}`;

  let token = localStorage.getItem(TOKEN) || "";
  let loggedOut = () => undefined;

  function keep(value) {
    token = value || "";
    if (token) { localStorage.setItem(TOKEN, token); } else { localStorage.removeItem(TOKEN); }
  }

  async function graphql(query, variables) {
    let response;
    try {
      response = await fetch("/graphql/", {
        method: "POST",
        credentials: "omit",
        headers: { "Content-Type": "application/json", ...(token ? { Authorization: "JWT " + token } : {}) },
        body: JSON.stringify({ query, variables: variables || {} }),
      });
    } catch (broken) {
      throw { message: "网络不通，内容都还在", hint: "恢复后再点一次，不会重复下单或收款" };
    }
    let told;
    try { told = await response.json(); } catch (odd) { throw { message: "系统暂时出错，内容都还在", hint: "请稍后再点一次" }; }
    if (told.errors) {
      const first = told.errors[0];
      const exception = (first.extensions && first.extensions.exception && first.extensions.exception.code) || "";
      if (/JSONWebToken|JWT|Signature|PermissionDenied/.test(exception)) {
        keep("");
        loggedOut();
        throw { message: "登录已过期，请重新登录", hint: "没下完的单还在" };
      }
      throw { message: first.message, hint: first.extensions && first.extensions.hint, code: first.extensions && first.extensions.code };
    }
    return told.data;
  }

  // The one field of a mutation, or its first refusal thrown.
  async function act(query, variables) {
    const answer = Object.values(await graphql(query, variables))[0];
    if (answer.errors && answer.errors.length) { throw answer.errors[0]; }
    return answer;
  }

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
    async setPassword(email, key, password) {
      const told = await graphql("mutation($email: String!, $key: String!, $password: String!) { setPassword(email: $email, token: $key, password: $password) { token errors { field message } } }", { email, key, password });
      const wrong = (told.setPassword.errors || [])[0];
      if (wrong) { throw wrong.field === "token" ? { message: "链接无效或已过期", hint: "请联系店主联络员重新发送" } : wrong; }
      if (told.setPassword.token) { keep(told.setPassword.token); }
    },
    async desks() { return (await graphql(`{ counterDesks { ${DESK} } }`)).counterDesks; },
    async desk(place) { return (await graphql(`query($place: String) { counterDesk(place: $place) { ${DESK} } }`, { place })).counterDesk; },
    async goods(place) {
      return (await graphql("query($place: String) { counterDesk(place: $place) { goods { variantId name spec sku price listPrice left image } } }", { place })).counterDesk.goods;
    },
    async waiting(place) {
      return (await graphql(`query($place: String) { counterDesk(place: $place) { money: sales(which: WAITING_MONEY) { ${SALE} } pickup: sales(which: WAITING_PICKUP) { ${SALE} } } }`, { place })).counterDesk;
    },
    async day(place, day) {
      return (await graphql(`query($place: String, $day: Date) { counterDesk(place: $place) { day(day: $day) { day sales worth cash cashCount code codeCount cashBack waiting cancelled handed drawer } sales(which: DAY, day: $day) { ${SALE} } } }`, { place, day })).counterDesk;
    },
    async statement(place, before) {
      return (await graphql("query($place: String, $before: String) { counterDesk(place: $place) { float { available balance creditLimit isLow isFrozen frozenReason movements(first: 30, before: $before) { number kindText amount balanceAfter note orderNumber at } } } }", { place, before })).counterDesk.float;
    },
    async quote(input) {
      return (await act(`query($input: CounterOrderInput!) { counterQuote(input: $input) { quote { lines { goods { variantId name spec price listPrice left } quantity total isShort } goods reduced atShopPrices shipping total } ${ERRORS} } }`, { input })).quote;
    },
    async place(key, input) {
      return (await act(`mutation($key: String!, $input: CounterOrderInput!) { counterOrderCreate(key: $key, input: $input) { sale { ${SALE} } ${ERRORS} } }`, { key, input })).sale;
    },
    async cash(id, tendered) {
      return (await act(`mutation($id: ID!, $tendered: Decimal!) { counterOrderPayCash(saleId: $id, tendered: $tendered) { sale { ${SALE} } ${ERRORS} } }`, { id, tendered })).sale;
    },
    code(id) { return act(`mutation($id: ID!) { counterOrderShowCode(saleId: $id) { sale { ${SALE} } codeSvg expiresAt ${ERRORS} } }`, { id }); },
    async check(id, ask) {
      return (await act(`mutation($id: ID!, $ask: Boolean) { counterOrderCheck(saleId: $id, ask: $ask) { sale { ${SALE} } ${ERRORS} } }`, { id, ask })).sale;
    },
    async cancel(id) {
      return (await act(`mutation($id: ID!) { counterOrderCancel(saleId: $id, reason: "店主取消") { sale { ${SALE} } ${ERRORS} } }`, { id })).sale;
    },
    async find(code) {
      return (await act(`mutation($code: String!) { counterPickup(code: $code) { sale { ${SALE} } ${ERRORS} } }`, { code })).sale;
    },
    async hand(code, lines, seen) {
      return (await act(`mutation($code: String!, $lines: [CounterHandInput!], $seen: Int) { counterPickup(code: $code, handOver: true, lines: $lines, seen: $seen) { sale { ${SALE} } ${ERRORS} } }`, { code, lines, seen })).sale;
    },
    async slip(id, paper) {
      return (await act(`mutation($id: ID!, $paper: CounterPaper) { counterSlipPrint(saleId: $id, paper: $paper) { slip { html copy isReprint } ${ERRORS} } }`, { id, paper })).slip;
    },
  };
}());
