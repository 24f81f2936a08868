// Writes each file of the build beside itself in br and gzip, unless that saves
// nothing: it is compressed once here, not with every request.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = "dist/app/";
for (const name of readdirSync(folder, { recursive: true })) {
  if (!/\.(html|js|css|svg|json|webmanifest|txt)$/.test(name)) continue;
  const plain = readFileSync(folder + name);
  const forms = {
    br: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
    gz: gzipSync(plain, { level: 9 }),
  };
  for (const [ending, data] of Object.entries(forms)) {
    if (data.length < plain.length) writeFileSync(`${folder}${name}.${ending}`, data);
  }
}
