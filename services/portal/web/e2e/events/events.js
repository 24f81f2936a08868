// Events as "go test -json" writes them (go doc test2json), so that one report
// counts the tests of every language.
const colours = /\u001b\[[0-9;]*m/g;

const write = (event) => process.stdout.write(JSON.stringify(event) + "\n");

/** A test that has ended: "pass", "fail" or "skip", with what there is to say about it. */
export function ended(Package, Test, Action, said = "") {
  for (const line of said.replace(colours, "").split("\n")) if (Action === "fail" && line) write({ Action: "output", Package, Test, Output: line + "\n" });
  write({ Action, Package, Test });
}

/** A file of tests that has ended, after some seconds. */
export const fileEnded = (Package, failed, Elapsed) => write({ Action: failed ? "fail" : "pass", Package, Elapsed });
