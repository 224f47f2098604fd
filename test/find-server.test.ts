import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findServer } from "../src/find-server.ts";
import { readSecrets } from "../src/secrets.ts";

test("the token comes from the environment, else from what a server left in its data folder", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "botyard-find-"));
  try {
    const { adminToken } = await readSecrets({ dataDir });

    expect(await findServer({ DATA_DIR: dataDir })).toEqual({ url: "http://127.0.0.1:3000", token: adminToken });
    expect(await findServer({ DATA_DIR: dataDir, BOTYARD_TOKEN: "t" })).toMatchObject({ token: "t" });
    expect(await findServer({ DATA_DIR: join(dataDir, "none") })).toMatchObject({ token: undefined });
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
