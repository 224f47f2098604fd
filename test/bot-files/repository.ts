import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gitEnvironment } from "../../src/config.ts";

/** The environment of git in tests: nothing of whoever runs them. */
export const GIT_ENV = {
  ...gitEnvironment(),
  ...{ GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  ...{ GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.test" },
  ...{ GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.test" },
};

/** A repository with one commit of these files. */
export function createRepository(folder: string, files: Record<string, string | Buffer> = {}) {
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, env: GIT_ENV, encoding: "utf8" }).trim();
  git("init", "-q", "-b", "main");
  const put = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    git("add", "--", path);
  };
  const commit = () => git("commit", "-q", "--allow-empty", "-m", "x");
  for (const [path, content] of Object.entries(files)) put(path, content);
  if (Object.keys(files).length > 0) commit();
  return {
    git,
    put,
    commit,
    /** An entry of another kind than a file: a link (120000) or a submodule (160000). */
    putEntry(mode: string, path: string) {
      const oid =
        mode === "160000" ? "1".repeat(40) : git("hash-object", "-w", "--stdin", "--", "/dev/null").slice(0, 40);
      git("update-index", "--add", "--cacheinfo", `${mode},${oid},${path}`);
      commit();
    },
  };
}
