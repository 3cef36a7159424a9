import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router";
import "./state/preferences";
import "./style.css";
import { t } from "./texts";

/** The grey around a sheet and its cross are buttons of Vant's: they get a name for whoever does not see them. */
const nameSheets = (): void => document.querySelectorAll(".van-overlay[role=button]:not([aria-label]), .van-popup__close-icon:not([aria-label])").forEach((one) => one.setAttribute("aria-label", t.close));
new MutationObserver(nameSheets).observe(document.body, { childList: true });

createApp(App).use(router).mount("#app");

if ("serviceWorker" in navigator && import.meta.env.PROD) {
  addEventListener("load", () => {
    navigator.serviceWorker.register("/h5/sw.js", { scope: "/h5/" }).catch(() => undefined); // then without a shell
  });
}
