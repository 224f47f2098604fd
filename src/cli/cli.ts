import { Command, CommanderError } from "commander";
import { AppError } from "../core/errors.ts";
import { createClient } from "./client.ts";
import type { ClientDeps, ServerPlace } from "./client.ts";
import type { Desk } from "./desk.ts";
import { COMMANDER, EXIT, stop, usage } from "./stop.ts";
import type { Exit } from "./stop.ts";
import { manyLines } from "./text.ts";
import { addBots } from "./verbs/bots.ts";
import { addExport } from "./verbs/export.ts";
import type { WriteFolder } from "./verbs/export.ts";
import { addImport } from "./verbs/import.ts";
import type { ReadSource } from "./verbs/import.ts";
import { addKeys } from "./verbs/keys.ts";
import { addOwners, addTokens } from "./verbs/owners.ts";
import { addProps } from "./verbs/props.ts";
import { addRun, addRuns } from "./verbs/runs.ts";
import { addUrl } from "./verbs/url.ts";
import { addUsers } from "./verbs/users.ts";

export interface CliDeps extends Pick<ClientDeps, "fetch"> {
  /** Where the server is; a sentence where the environment says it wrongly. @throws AppError with a sentence */
  findServer: () => Promise<ServerPlace | { sentence: string }>;
  readSource: ReadSource;
  writeFolder: WriteFolder;
  /** Runs the server and resolves with the exit code when it has ended. */
  serve: () => Promise<number>;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  version: string;
  /** What `--help` says about the environment. */
  environment: string;
}

export interface Cli {
  /** @param argv the words after the program's name @returns the exit code */
  run: (argv: readonly string[]) => Promise<number>;
}

/** The program's commands. All but `serve` speak to a running server over its API, and to nothing else. */
export function createCli(deps: CliDeps): Cli {
  return {
    async run(argv) {
      let exit: number = EXIT.good;
      let json = false;
      const desk: Desk = {
        client: async () => createClient({ fetch: deps.fetch, ...(await findServer(deps)) }),
        show: (options, value, text) => {
          deps.stdout(`${options.json ? JSON.stringify(value) : text}\n`);
        },
        progress: (line) => {
          deps.stderr(`${line}\n`);
        },
        markFailed: () => {
          exit = EXIT.failed;
        },
      };
      const program = createProgram(deps, desk, (code) => {
        exit = code;
      }).hook("preAction", (_, action) => {
        json = action.opts<{ json?: true }>().json === true;
      });

      try {
        await program.parseAsync([...argv], { from: "user" });
        return exit;
      } catch (error) {
        const ended = readEnd(error);
        if (ended.sentence !== undefined) deps.stderr(`${failureText(ended, ended.sentence, json)}\n`);
        return ended.exit;
      }
    },
  };
}

function createProgram(deps: CliDeps, desk: Desk, end: (code: number) => void): Command {
  const program = new Command("botyard")
    .description("A self-hosted runtime for bots whose commands are small JavaScript files.")
    .version(deps.version)
    .exitOverride()
    .configureOutput({ writeOut: deps.stdout, writeErr: deps.stderr })
    .addHelpText(
      "after",
      `\nExit codes: 0 ok, 1 failed, 2 usage, 3 network, 4 auth, 5 conflict.\n\n${deps.environment}`,
    );

  program
    .command("serve")
    .description("run the server")
    .action(async () => {
      end(await deps.serve());
    });
  addImport(program, desk, deps.readSource);
  addExport(program, desk, deps.writeFolder);
  addBots(program, desk);
  addUsers(program, desk);
  addUrl(program, desk);
  addRun(program, desk);
  addRuns(program, desk);
  addProps(program, desk);
  addKeys(program, desk);
  addOwners(program, desk);
  addTokens(program, desk);
  return program;
}

async function findServer({ findServer: find }: CliDeps): Promise<ServerPlace> {
  try {
    const place = await find();
    if ("sentence" in place) throw usage(place.sentence);
    return place;
  } catch (error) {
    if (error instanceof AppError) throw stop(EXIT.auth, error.code, error.message);
    throw error;
  }
}

interface End {
  exit: Exit;
  code: string;
  /** undefined: it has been said. */
  sentence: string | undefined;
}

/** Help and version end by an error as well; what else commander refuses is a matter of usage. */
function readEnd(error: unknown): End {
  if (error instanceof AppError) return { exit: EXIT.failed, code: error.code, sentence: error.message };
  if (!(error instanceof CommanderError)) throw error;
  const { code, exitCode, message } = error;
  if (code.startsWith(COMMANDER)) return { exit: exitCode === 0 ? EXIT.good : EXIT.usage, code, sentence: undefined };
  const exit = Object.values(EXIT).find((known) => known === exitCode) ?? EXIT.failed;
  return { exit, code, sentence: message };
}

function failureText({ code }: End, sentence: string, json: boolean): string {
  return json ? JSON.stringify({ error: { code, message: sentence } }) : `error: ${manyLines(sentence)}`;
}
