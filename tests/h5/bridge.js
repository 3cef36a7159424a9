// What WeChat's browser brings: the bridge, here to the sandbox. `payInSandbox` is the test's.
(() => {
  window.WeixinJSBridge = {
    invoke(name, params, done) {
      if (name !== "getBrandWCPayRequest") done({ err_msg: `${name}:fail` });
      else window.payInSandbox(params).then((told) => done({ err_msg: told }));
    },
  };
  document.addEventListener("DOMContentLoaded", () => document.dispatchEvent(new Event("WeixinJSBridgeReady")));
})();
