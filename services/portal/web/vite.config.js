import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Where "make run" listens: while the application is developed, vite serves it
// and passes everything else on.
const kith = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist/app", // beside what is committed
    emptyOutDir: true,
    manifest: "manifest.json", // for sizes.js
    assetsInlineLimit: 0, // the policy allows no data: addresses
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: { proxy: { "/api": kith, "/portal": kith, "/openapi": kith, "/dev": kith } },
});
