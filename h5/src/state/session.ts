// Who is logged in on this device: a token, and nothing else.
import { reactive } from "vue";
import { keep, randomKey, recall } from "./storage";

export const session = reactive({
  token: recall("token", ""),

  enter(token: string): void {
    this.token = token;
    keep("token", token);
  },

  forget(): void {
    this.token = "";
    keep("token", null);
  },
});

/** What the list of devices shows of this one. */
export function thisDevice(): { key: string; name: string } {
  let key = recall("device", "");
  if (!key) keep("device", (key = randomKey()));
  const agent = navigator.userAgent;
  const system = /iPhone|iPad/.test(agent) ? "iPhone" : /Android/.test(agent) ? "Android" : "电脑";
  return { key, name: /MicroMessenger/.test(agent) ? `${system} 微信` : `${system} 浏览器` };
}

/** Are we inside WeChat's browser? There JSAPI pays and OAuth logs in. */
export const insideWechat = /MicroMessenger/.test(navigator.userAgent);
