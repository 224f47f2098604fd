import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Sources that a script gets without bringing them, by the name under which the guest asks for them. */
export function readBuiltInLibs(): ReadonlyMap<string, string> {
  const require = createRequire(import.meta.url);
  return new Map([["$CryptoJS", readFileSync(require.resolve("crypto-js/crypto-js.js"), "utf8")]]);
}
