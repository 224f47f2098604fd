#!/usr/bin/env node
import { readConfig } from "./config.ts";
import { serve } from "./serve.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const read = readConfig();
if (read.kind === "wrong") {
  for (const sentence of read.sentences) say(sentence);
  process.exitCode = 2;
} else process.exit(await serve(read.config, say));
