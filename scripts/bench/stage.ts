import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkAnswer } from "./load.ts";
import { startProcess, startSubject, type Process, type Subject } from "./subject.ts";

/** Where the bench plays: starts what it asks for once, and clears all of it away. */
export interface Stage {
  subject: (name: SubjectName) => Promise<Subject>;
  store: () => Promise<Process>;
  clear: () => Promise<void>;
}

const SUBJECTS = {
  koa: { name: "plain Koa", file: "koa", args: [], isProduct: false },
  isolates: { name: "an isolate per request", file: "isolate-per-request", args: [], isProduct: false },
  memory: { name: "Botyard in memory", file: "botyard", args: ["memory"], isProduct: true },
  sqlite: { name: "Botyard with SQLite", file: "botyard", args: ["sqlite"], isProduct: true },
  /** Nothing else is asked of it, so that its memory tells of nothing else. */
  growing: { name: "Botyard with SQLite, for long", file: "botyard", args: ["sqlite"], isProduct: true },
} as const;
export type SubjectName = keyof typeof SUBJECTS;

export function createStage(): Stage {
  const dir = mkdtempSync(join(tmpdir(), "botyard-bench-"));
  const subjects = new Map<SubjectName, Subject>();
  const processes: Process[] = [];
  const folder = (name: string): string => {
    const path = join(dir, name);
    mkdirSync(path);
    return path;
  };
  return {
    async subject(name) {
      const known = subjects.get(name);
      if (known) return known;
      const launch = SUBJECTS[name];
      const subject = await startSubject({ ...launch, args: [...launch.args, folder(name)] });
      subjects.set(name, subject);
      processes.push(subject);
      return subject;
    },
    async store() {
      const launch = { name: "the store alone", file: "store", args: [folder("store")], isProduct: true };
      const { process: own } = await startProcess(launch);
      processes.push(own);
      return own;
    },
    async clear() {
      await Promise.all(processes.map((one) => one.stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Checks what the subjects answer before any of them is measured. */
export async function checkAll(subjects: readonly Subject[]): Promise<void> {
  for (const subject of subjects) await checkAnswer(subject);
}
