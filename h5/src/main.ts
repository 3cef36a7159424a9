import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router";
import "./state/preferences";
import "./style.css";

createApp(App).use(router).mount("#app");

if ("serviceWorker" in navigator && import.meta.env.PROD) {
  addEventListener("load", () => {
    navigator.serviceWorker.register("/h5/sw.js", { scope: "/h5/" }).catch(() => undefined); // then without a shell
  });
}
