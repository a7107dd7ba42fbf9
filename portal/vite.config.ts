import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds the API; the built portal is served by the control plane itself and needs none of this.
const api = process.env.VMEXT_API ?? "http://127.0.0.1:7440";
const modern = ["chrome123", "edge123", "firefox121", "safari17.5"];

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: { "@rjsf/validator-ajv8": fileURLToPath(new URL("./src/settings/noAjv.ts", import.meta.url)) },
  },
  build: { target: modern, cssTarget: modern, sourcemap: false, chunkSizeWarningLimit: 900 },
  // The server compares Origin with Host, so both must stay what the browser sent.
  server: { proxy: { "/v1": { target: api, changeOrigin: false } } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
