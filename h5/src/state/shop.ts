// The micro-shop or outlet by whose code we came in: its goods' prices, and whose order it will be.
import { reactive } from "vue";
import { keep, recall } from "./storage";

interface Known {
  code: string;
  name: string;
}

export const shop = reactive<Known>(recall<Known>("shop", { code: "", name: "" }));

export function enterShop(code: string, name: string): void {
  shop.code = code;
  shop.name = name;
  keep("shop", { code, name });
}

export function leaveShop(): void {
  shop.code = shop.name = "";
  keep("shop", null);
}
