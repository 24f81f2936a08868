// Writes the types of the API from its documents, which are the contract. They
// are made before every build, check and test, and not kept.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import openapi, { astToString } from "openapi-typescript";

const documents = "../../../api/openapi/";
const folder = "generated/";
mkdirSync(folder, { recursive: true });
for (const name of ["audit", "community", "matching", "membership", "notification", "portal", "system"]) {
  const text = astToString(await openapi(readFileSync(`${documents}${name}.yaml`, "utf8")));
  writeFileSync(`${folder}${name}.ts`, `// From api/openapi/${name}.yaml.\n${text}`);
}

// Words for events, their fields and what they are about: those that people read in
// their own data, and, where such a word is only right for the person, the one for others.
const words = "../../audit/mydata/words/";
for (const language of ["de", "en"]) {
  const all = JSON.parse(readFileSync(`${words}${language}.json`, "utf8"));
  const shown = Object.entries(all).filter(([key]) => /^(event|field|code|stream)\./.test(key));
  const neutral = Object.fromEntries(shown.map(([key, word]) => [key, all[`log.${key}`] ?? word]));
  writeFileSync(`${folder}words.${language}.json`, JSON.stringify(neutral, null, 1));
}
