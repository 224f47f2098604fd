import { z } from "zod";
import type { Lib } from "../../core/bot.ts";
import { AppError } from "../../core/errors.ts";
import type { HttpDeps } from "../deps.ts";
import { endpoint, noBody, noQuery, noResult, type Endpoint } from "./endpoint.ts";
import { entityTag } from "./entity-tags.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { botIdOf, botNotFound, libNameOf, type PathParams } from "./path-params.ts";
import { libShape, nextCursor } from "./shapes.ts";

const MAX_NAME_CHARS = 100;

/** It is the name of a file as well: no folder, no hidden file, nothing that a system or an editor changes. */
const nameField = z
  .string()
  .max(MAX_NAME_CHARS)
  .regex(/^[^\s./\\:*\p{C}][^/\\:*\p{C}]*$/u, "not the name of a file")
  .refine((name) => name === name.trim() && name.isWellFormed(), "not the name of a file")
  .refine((name) => name !== "Webhooks", "this library is built in");
const libBody = z.strictObject({ name: nameField, code: z.string() });
const codeBody = z.strictObject({ code: z.string() });
const oneLib = z.strictObject({ lib: libShape });

/** A bot's libraries. Each change is a new version of the bot. */
export function createLibEndpoints({ catalog }: Pick<HttpDeps, "catalog">): Endpoint[] {
  async function libsOf(params: PathParams): Promise<Lib[]> {
    const bot = await catalog.definition(botIdOf(params));
    if (bot === null) throw botNotFound();
    return [...bot.libs].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  const expecting = (match: (tag: string) => void) => ({
    expect: (lib: Lib) => {
      match(entityTag(lib));
    },
  });
  const shown = (lib: Lib, status: 200 | 201 = 200) => ({ ...{ status, body: { lib }, tag: entityTag(lib) } });
  const path = "/bots/:botId/libs/:lib";

  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/libs",
      need: "read",
      about: "The libraries of a bot with their scripts, by name",
      query: pageQuery,
      body: noBody,
      result: z.strictObject({ libs: z.array(libShape), next: nextCursor }),
      answer: async ({ params, query }) => {
        const { page, next } = pageOf(await libsOf(params), query, ({ name }) => [name]);
        return { status: 200, body: { libs: page, next } };
      },
    }),
    endpoint({
      method: "POST",
      path: "/bots/:botId/libs",
      need: "deploy",
      about: "Add a library",
      query: noQuery,
      body: libBody,
      result: oneLib,
      status: 201,
      answer: async ({ params, body, once }) => shown(await catalog.createLib(botIdOf(params), body, { once }), 201),
    }),
    endpoint({
      method: "GET",
      path,
      need: "read",
      about: "One library with its script",
      query: noQuery,
      body: noBody,
      result: oneLib,
      answer: async ({ params }) => {
        const name = libNameOf(params);
        const lib = (await libsOf(params)).find((one) => one.name === name);
        if (lib === undefined) throw new AppError("lib_not_found", "this bot has no such library");
        return shown(lib);
      },
    }),
    endpoint({
      method: "PATCH",
      path,
      need: "deploy",
      about: "Change the script of a library",
      query: noQuery,
      body: codeBody,
      result: oneLib,
      matches: true,
      answer: async ({ params, body: { code }, match }) =>
        shown(await catalog.changeLib(botIdOf(params), { name: libNameOf(params), code }, expecting(match))),
    }),
    endpoint({
      method: "DELETE",
      path,
      need: "deploy",
      about: "Take a library out of a bot",
      query: noQuery,
      body: noBody,
      result: noResult,
      matches: true,
      answer: async ({ params, match }) => {
        await catalog.deleteLib(botIdOf(params), libNameOf(params), expecting(match));
        return { status: 204 };
      },
    }),
  ];
}
