// Says how much the first page needs, compressed as it is sent, and refuses more
// than is good for a phone on a train: the index, what it names, and one page with
// its words and all fonts.
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";

const most = 250_000; // bytes
const folder = "dist/app/";
const manifest = JSON.parse(readFileSync(`${folder}manifest.json`, "utf8"));
const sent = (file) => statSync(folder + (existsSync(`${folder}${file}.br`) ? `${file}.br` : file)).size;

function needed(start, seen = new Set()) {
  const chunk = manifest[start];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const next of chunk.imports ?? []) needed(next, seen);
  return seen;
}

const fonts = Object.values(manifest).map((c) => c.file).filter((file) => file.endsWith(".woff2"));
const shared = fonts.reduce((files, font) => files.add(font), needed("index.html"));
let worst = 0;
for (const page of Object.keys(manifest).filter((k) => k.startsWith("src/pages/"))) {
  const files = needed("src/i18n/messages/de.json", needed(page, new Set(shared)));
  const bytes = ["index.html", ...files].reduce((sum, file) => sum + sent(file), 0);
  worst = Math.max(worst, bytes);
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  first load of ${page.slice("src/pages/".length, -4)}`);
}
for (const form of ["", ".br", ".gz"]) rmSync(`${folder}manifest.json${form}`, { force: true }); // nobody else needs it
if (worst > most) {
  console.error(`The first load may have ${most / 1000} kB.`);
  process.exit(1);
}
