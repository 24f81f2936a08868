import fc from "fast-check";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { Prose } from "./Prose";

const html = (text: string) => renderToStaticMarkup(<Prose text={text} />);
const tags = (markup: string) => [...markup.matchAll(/<\/?([a-z]+)/gi)].map((m) => m[1]);
const links = (markup: string) => [...markup.matchAll(/href="([^"]*)"/g)].map((m) => m[1] ?? "");

// Pieces that mean something to somebody: a browser, a template, a Markdown reader.
const pieces = [
  "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "data:text/html,<script>1</script>", "vbscript:x",
  "[x](javascript:alert(1))", "![x](x)", "<a href='javascript:1'>", "&lt;b&gt;", "&#60;", "\u202e", "\u2066", "\u200b", "\0", "\ufeff", "{{7*7}}", "${7*7}", "__proto__",
  "http://", "https://", "https://ex.example/a?b=c&d=<e>", "HTTPS://EX.EXAMPLE", "http://javascript:1@x", "\"", "'", ">", "\n", "\n\n", " ", ".", ")", "😀", "x".repeat(99),
];
const hostile = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 8 })), { maxLength: 12 }).map((p) => p.join(""));

describe("text as somebody wrote it", () => {
  test("is paragraphs and links and nothing else, whatever it is", () => {
    fc.assert(fc.property(hostile, (text) => void expect(new Set([...tags(html(text)), "div", "p", "a"])).toEqual(new Set(["div", "p", "a"]))), { numRuns: 500 });
  });

  test("leads to addresses of the web alone, which are in the text", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const to of links(html(text))) {
          const address = to.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&#x27;/g, "'").replace(/&amp;/g, "&");
          expect(address).toMatch(/^https?:\/\//);
          expect(text).toContain(address);
          expect(["http:", "https:"]).toContain(URL.canParse(address) ? new URL(address).protocol : "http:");
        }
      }),
      { numRuns: 500 },
    );
  });

  test("loses nothing but the lines between paragraphs", () => {
    const visible = (markup: string) => markup.replace(/<[^>]*>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&#x27;/g, "'").replace(/&amp;/g, "&");
    fc.assert(fc.property(hostile, (text) => void expect(visible(html(text))).toBe(text.replace(/\n{2,}/g, ""))), { numRuns: 500 });
  });

  test.each([
    ["see https://a.example/b.", ["https://a.example/b"]],
    ["(https://a.example/b)", ["https://a.example/b"]],
    ["javascript:alert(1) data:text/html,x mailto:a@b.example", []],
    ["[x](https://a.example)", ["https://a.example"]],
  ])("%s", (text, to) => expect(links(html(text))).toEqual(to));
});
