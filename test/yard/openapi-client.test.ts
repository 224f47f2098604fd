import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import openapiTS, { astToString } from "openapi-typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_TOKEN, openTestYard, type TestYard } from "./open.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");
let yard: TestYard;
let folder: string;
beforeAll(async () => {
  yard = await openTestYard({ processes: 1 });
  folder = mkdtempSync(join(yard.dataDir, "client-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await yard.end();
});

test("the README's example compiles against a generated client, and says what the README says", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, example = ""] = /```ts\n(import \{ createApiClient \}[^]*?)```/.exec(readme) ?? [];
  const [, promised = ""] = /console\.log\(.*\/\/ (.*)\n/.exec(example) ?? [];
  copyFileSync(join(root, "scripts/api-client.ts"), join(folder, "api-client.ts"));
  writeFileSync(join(folder, "api-types.ts"), astToString(await openapiTS(new URL(`${yard.url}/api/openapi.json`))));
  writeFileSync(join(folder, "example.ts"), example);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        ...{ target: "esnext", module: "nodenext", strict: true, noEmit: true, skipLibCheck: true },
        ...{ types: ["node"], allowImportingTsExtensions: true },
      },
      include: ["*.ts"],
    }),
  );

  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout);
  });
  const { stdout } = await run(process.execPath, [join(folder, "example.ts")], {
    env: { ...process.env, BOTYARD_URL: yard.url, BOTYARD_TOKEN: ADMIN_TOKEN },
  });

  expect(promised).not.toBe("");
  expect(stdout.trim()).toBe(promised);
});
