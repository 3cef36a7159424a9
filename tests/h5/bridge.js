// What WeChat's browser brings: the bridge, here to the sandbox. `payInSandbox` and `scanInSandbox` are the test's.
(() => {
  window.WeixinJSBridge = {
    on() {},
    invoke(name, params, done) {
      if (name === "getBrandWCPayRequest") window.payInSandbox(params).then((told) => done({ err_msg: told }));
      else if (name === "scanQRCode") window.scanInSandbox({ ...params, url: location.href }).then(done);
      else done({ err_msg: `${name}:ok` });
    },
  };
  document.addEventListener("DOMContentLoaded", () => document.dispatchEvent(new Event("WeixinJSBridgeReady")));
})();
