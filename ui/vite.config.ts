import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The API the dev server talks to; LYCEUM_API points it somewhere else.
const api = process.env.LYCEUM_API ?? "http://127.0.0.1:8080";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Puts what some PDFs need beside the application: character maps, standard fonts, decoders. */
const pdfExtras: Plugin = {
  name: "pdf-extras",
  apply: "build",
  closeBundle() {
    for (const folder of ["cmaps", "standard_fonts", "wasm", "iccs"])
      cpSync(here(`./node_modules/pdfjs-dist/${folder}`), here(`./dist/pdfjs/${folder}`), {
        recursive: true,
      });
  },
};

export default defineConfig({
  plugins: [react(), tailwindcss(), pdfExtras],
  resolve: { alias: { "@": here("./src") } },
  server: {
    proxy: { "/api": api, "/v1": api, "/healthz": api },
  },
  build: {
    target: "es2023",
    // Inlined assets would need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
