import { dirname, relative, resolve, sep } from "node:path";
import tseslint from "typescript-eslint";

const src = resolve(import.meta.dirname, "..", "src");
const parts = (file) => relative(src, file).split(sep);
/** Which package only one room may import, and which room that is. */
const keepers = {
  "isolated-vm": "run",
  "better-sqlite3": "store",
  mongodb: "store",
  koa: "http",
  grammy: "channels",
  undici: "net",
};

/** A room imports core and itself; main.ts imports every room; guarded packages have one keeper. */
const rooms = {
  create(context) {
    const here = parts(context.filename);
    const check = (node) => {
      const from = node.source?.value;
      if (typeof from !== "string" || here[0] === "..") return;
      const keeper = keepers[from];
      if (keeper && keeper !== here[0]) context.report({ node, message: `only ${keeper}/ imports ${from}` });
      if (!from.startsWith(".") || here.length === 1) return;
      const there = parts(resolve(dirname(context.filename), from));
      const sameRoom = there.length > 1 && there[0] === here[0];
      if (!sameRoom && there[0] !== "core")
        context.report({ node, message: "a room imports core and itself; main.ts hands it the rest" });
      if (here[0] === "core" && !sameRoom) context.report({ node, message: "core imports nothing of ours" });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

export default tseslint.config(
  {
    files: ["src/**/*.ts", "scripts/**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: true, tsconfigRootDir: resolve(import.meta.dirname, "..") } },
    plugins: { yard: { rules: { rooms } } },
    rules: {
      "yard/rooms": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["src/*/**/*.ts", "src/flow.ts", "src/log.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "only config.ts reads the environment" },
      ],
    },
  },
);
