import { ESLint } from "eslint";
import { beforeAll, describe, expect, test, vi } from "vitest";

// That the rule against words in a page finds them where they can be.
const eslint = new ESLint();
const rule = "formatjs/no-literal-string-in-jsx";

async function refused(jsx: string): Promise<boolean> {
  const [result] = await eslint.lintText(`export const X = ({ on, name }: { on: boolean; name: string }) => ${jsx};\n`, { filePath: "src/pages/X.tsx" });
  const fatal = result?.messages.filter((m) => m.fatal);
  expect(fatal).toEqual([]);
  return result?.messages.some((m) => m.ruleId === rule) ?? false;
}

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });
beforeAll(() => refused("<p />")); // its rules are loaded for a while

describe("words in a page are refused", () => {
  test.each([
    `<p>Hello</p>`,
    `<p>{"Hello"}</p>`,
    `<p>{on ? "Yes" : "No"}</p>`,
    `<p>{on && "Yes"}</p>`,
    "<p>{`Hello ${name}`}</p>",
    `<button aria-label="Close" />`,
    `<button aria-label={on ? "Open" : "Close"} />`,
    `<section aria-description="More" aria-roledescription="Thing" />`,
    `<input placeholder="Search" />`,
    `<abbr title="In full" />`,
    `<img alt="A face" />`,
    `<TextInput label="Name" />`,
    `<TextInput hint="Only the first" />`,
    `<Empty words="Nothing yet" />`,
    `<TextInput wrong={on ? "Missing" : undefined} />`,
    `<Page title="Home" />`,
    `<MenuItem textValue="Home" />`,
  ])("%s", async (jsx) => expect(await refused(jsx)).toBe(true));
});

describe("what is no words is not", () => {
  test.each([`<p className="lead" lang="de" id="x">{name}</p>`, `<Link to="/people" rel="noreferrer">{name}</Link>`, `<Choice value="open" options={[]} />`, `<Hint slot="description" />`])("%s", async (jsx) => expect(await refused(jsx)).toBe(false));
});
