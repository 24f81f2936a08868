import formatjs from "eslint-plugin-formatjs";
import hooks from "eslint-plugin-react-hooks";
import typescript from "typescript-eslint";

export default typescript.config(
  { ignores: ["dist", "generated", "node_modules"] },
  ...typescript.configs.recommended,
  hooks.configs.flat["recommended-latest"],
  {
    files: ["src/**/*.tsx"],
    plugins: { formatjs },
    // Words are in the messages, so that each language has them.
    // literals.test.ts shows where they are found.
    rules: { "formatjs/no-literal-string-in-jsx": ["error", { props: { include: [["*", "(label|hint|words|wrong|title|textValue|placeholder|lead|over|description)"]] } }] },
  },
  { files: ["e2e/**", "bench/**"], rules: { "no-empty-pattern": "off", "react-hooks/rules-of-hooks": "off" } },
);
