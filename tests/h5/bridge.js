// What WeChat's browser brings: the bridge and the button for notices, here to the sandbox. `payInSandbox`,
// `scanInSandbox` and `agreeInSandbox` are the test's.
(() => {
  window.WeixinJSBridge = {
    on() {},
    invoke(name, params, done) {
      if (name === "getBrandWCPayRequest") window.payInSandbox(params).then((told) => done({ err_msg: told }));
      else if (name === "scanQRCode") window.scanInSandbox({ ...params, url: location.href }).then(done);
      else done({ err_msg: `${name}:ok` });
    },
  };
  customElements.define("wx-open-subscribe", class extends HTMLElement {
    connectedCallback() {
      this.addEventListener("click", async () => {
        const templates = this.getAttribute("template").split(",");
        await window.agreeInSandbox(templates);
        const told = Object.fromEntries(templates.map((one) => [one, JSON.stringify({ status: "accept" })]));
        this.dispatchEvent(new CustomEvent("success", { detail: { errMsg: "subscribe:ok", subscribeDetails: JSON.stringify(told) } }));
      });
    }
  });
  document.addEventListener("DOMContentLoaded", () => document.dispatchEvent(new Event("WeixinJSBridgeReady")));
})();
