import { VantResolver } from "@vant/auto-import-resolver";
import vue from "@vitejs/plugin-vue";
import Components from "unplugin-vue-components/vite";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Vant's icons are in its style sheet, with a second address at a foreign host: nothing of ours calls there. */
const iconsFromHere: Plugin = {
  name: "icons-from-here",
  enforce: "pre",
  transform: (code, id) =>
    /vant\/.*\.css/.test(id) ? code.replace(/,\s*url\(["']?\/\/at\.alicdn\.com[^)]*\)\s*format\(["']woff["']\)/g, "") : undefined,
};

/** Buttons that keep their name while they are at work; with Vant's style of them. */
const named: Record<string, [string, string]> = { VanButton: ["BusyButton", "button"], VanSubmitBar: ["BusySubmitBar", "submit-bar"] };
const buttons = (tag: string) => {
  const [name, style] = named[tag] ?? [];
  return name && { name, from: fileURLToPath(new URL("src/buttons.ts", import.meta.url)), sideEffects: `vant/es/${style}/style/index` };
};

// Files go to /static/h5/ (collected, compressed and cached for good by the platform), pages live below /h5/.
export default defineConfig({
  base: "/static/h5/",
  plugins: [iconsFromHere, vue(), Components({ resolvers: [buttons, VantResolver()], dirs: [], dts: false })],
  build: {
    // the phones that WeChat's browser runs on today: Chromium of 2021 (XWeb), iOS 15
    target: ["chrome91", "safari15"],
    outDir: "dist/h5",
    assetsDir: "assets",
    // which file needs which: read by `./o2o h5 check`
    manifest: "chunks.json",
    assetsInlineLimit: 2048,
    reportCompressedSize: false,
    rollupOptions: {
      // the reader is no page: the staff's verifying page loads it by its name in chunks.json
      input: { index: "index.html", qrReader: "src/qrReader.ts" },
      output: {
        manualChunks: (id: string) =>
          /node_modules\/(@vue|vue|vue-router)\//.test(id) ? "vue" : undefined,
      },
    },
  },
  server: { proxy: { "/graphql": "http://127.0.0.1:8000", "/media": "http://127.0.0.1:8000" } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
