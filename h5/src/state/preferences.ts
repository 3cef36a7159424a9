// 关怀版: larger print and larger targets, kept for this device.
import { reactive, watchEffect } from "vue";
import { keep, recall } from "./storage";

export const preferences = reactive({ largePrint: recall("large", false) });

watchEffect(() => {
  document.documentElement.classList.toggle("large", preferences.largePrint);
  keep("large", preferences.largePrint || null);
});
