// Writes the types of the API from its documents, which are the contract. They
// are made before every build, check and test, and not kept.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import openapi, { astToString } from "openapi-typescript";

const documents = "../../../api/openapi/";
const folder = "generated/";
mkdirSync(folder, { recursive: true });
for (const name of ["audit", "community", "matching", "membership", "notification", "portal"]) {
  const text = astToString(await openapi(readFileSync(`${documents}${name}.yaml`, "utf8")));
  writeFileSync(`${folder}${name}.ts`, `// From api/openapi/${name}.yaml.\n${text}`);
}
