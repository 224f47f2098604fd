#!/usr/bin/env node
import { readFileSync } from "node:fs";

const NODE_MAJOR = 24;

/** What is needed of Node is said before anything is loaded that an older one could not even read. */
function refuseOldNode(): void {
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) return;
  process.stderr.write(
    `Botyard needs Node ${NODE_MAJOR} or newer, and this is ${process.version}. ` +
      `npm ci brings one for Linux: start with "npm start" or "npm run botyard -- …".\n`,
  );
  process.exit(1);
}

async function main(): Promise<number> {
  const { createCli } = await import("./cli/cli.ts");
  const { tmpdir } = await import("node:os");
  const { readSource } = await import("./bot-files/read-source.ts");
  const { writeFolder } = await import("./bot-files/write-folder.ts");
  const { describeConfig, gitEnvironment, readConfig } = await import("./config.ts");
  const { findServer } = await import("./find-server.ts");
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const cli = createCli({
    fetch,
    findServer: () => findServer(),
    readSource: (request) => readSource(request, { env: gitEnvironment(), tempDir: tmpdir() }),
    writeFolder,
    serve: async () => {
      const read = readConfig();
      if (read.kind === "wrong") {
        for (const sentence of read.sentences) say(sentence);
        return 2;
      }
      const { serve } = await import("./serve.ts"); // the other verbs need no database and no sandbox
      return serve(read.config, say);
    },
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    version: readVersion(),
    environment: describeConfig(),
  });
  return cli.run(process.argv.slice(2));
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest && "version" in manifest ? String(manifest.version) : "unknown";
}

refuseOldNode();
process.exitCode = await main();
