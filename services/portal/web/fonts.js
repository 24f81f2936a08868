// Writes the fonts with what the application uses of them, and the rules that say which
// letters are in which: the weights from 400 to 600, the letters that names have, and the
// features that these and its styles need. The whole fonts are more than a third of what
// may be sent at first.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import subset from "subset-font";

const from = "node_modules/@fontsource-variable/source-sans-3/files/source-sans-3-";
const folder = "generated/fonts/";
const weights = { min: 400, max: 600 };
const parts = {
  latin: {
    ranges: [[0x0, 0xff], 0x131, [0x152, 0x153], [0x2bb, 0x2bc], 0x2c6, 0x2da, 0x2dc, [0x2000, 0x206f], 0x20ac, 0x2122, 0x2191, 0x2193, 0x2212, 0xfeff, 0xfffd],
    features: ["ccmp", "locl", "mark", "mkmk", "kern", "liga", "tnum"],
  },
  // Latin Extended-A, and what Romanian, Azerbaijani and Welsh have besides: sent only
  // where a page has one of these. Rarer letters are the system's.
  "latin-ext": {
    ranges: [[0x100, 0x130], [0x132, 0x151], [0x154, 0x17f], 0x18f, [0x218, 0x21b], 0x259, [0x1e80, 0x1e85], 0x1e9e],
    features: ["ccmp", "locl", "mark"],
  },
};

const letters = (ranges) =>
  ranges
    .map((range) => [range].flat())
    .flatMap(([first, last = first]) => Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)))
    .join("");

const face = (name, ranges) => `@font-face {
  font-family: "Source Sans 3";
  font-display: swap;
  font-weight: ${weights.min} ${weights.max};
  src: url("./${name}.woff2") format("woff2");
  unicode-range: ${ranges.map((range) => `U+${[range].flat().map((letter) => letter.toString(16)).join("-")}`).join(", ")};
}
`;

const faces = [];
mkdirSync(folder, { recursive: true });
for (const [name, { ranges, features }] of Object.entries(parts)) {
  const whole = readFileSync(`${from}${name}-wght-normal.woff2`);
  const part = await subset(whole, letters(ranges), { targetFormat: "woff2", variationAxes: { wght: weights }, keepFeatures: features });
  writeFileSync(`${folder}${name}.woff2`, part);
  faces.push(face(name, ranges));
}
writeFileSync(`${folder}faces.css`, faces.join(""));
