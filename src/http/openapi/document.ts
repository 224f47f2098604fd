import { z } from "zod";
import type { EndpointFacts } from "../api/endpoint.ts";
import { errorShape } from "../api/shapes.ts";
import type { Example } from "./examples.ts";
import { createSchemaWriter, isObject, type JsonSchema } from "./schemas.ts";

export interface DocumentParts {
  endpoints: readonly EndpointFacts[];
  examples: readonly Example[];
  /** Of the program. */
  version: string;
}

export interface OpenApiDocument {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  security: Record<string, string[]>[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, unknown>;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters: JsonSchema[];
  requestBody?: JsonSchema;
  responses: Record<string, JsonSchema>;
}

const ABOUT = `The REST API of Botyard. Send a token as \`Authorization: Bearer TOKEN\`: the operator's, or one of an owner,
which reaches that owner's bots and nothing else, within its scopes: read, deploy, run, admin (all of them).
Lists come in pages: \`next\` of one is the \`cursor\` of the following. \`If-Match\` with the \`ETag\` of an answer keeps a
change from being made to a thing that was changed meanwhile (412). A POST with an \`Idempotency-Key\` is done once, and its
repeats get the same answer; with another body they get 422. Every refusal has the shape \`Error\`.`;

/** The document of the API, made of its own table. */
export function createDocument({ endpoints, examples, version }: DocumentParts): OpenApiDocument {
  const { write, components } = createSchemaWriter();
  const error = write(errorShape, "output");
  const paths: OpenApiDocument["paths"] = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, "{$1}");
    const fitting = examples.filter(({ route }) => route === `${endpoint.method} ${endpoint.path}`);
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operationOf(endpoint, fitting, write);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Botyard", version, description: ABOUT },
    servers: [{ url: "/api/v1" }],
    security: [{ token: [] }],
    tags: [...new Set(endpoints.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...components, ...("$ref" in error ? {} : { Error: error }) },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}

function operationOf(
  endpoint: EndpointFacts,
  examples: readonly Example[],
  write: (schema: z.ZodType, io: "input" | "output") => JsonSchema,
): Operation {
  const { about, body, result, status = 200, need } = endpoint;
  const bodies = examples.flatMap((example) => (example.body === undefined ? [] : [[example.title, example.body]]));
  const answers = examples.filter((example) => example.answer !== undefined);
  const good = result instanceof z.ZodUndefined ? 204 : status;
  const shown = (code: number) =>
    namedExamples(answers.filter((one) => one.status === code).map(({ title, answer }) => [title, answer]));

  const responses: Operation["responses"] = {
    [good]: {
      description: good === 204 ? "done" : "as it was asked",
      ...(endpoint.matches === true && good !== 204 && { headers: ETAG }),
      ...(good !== 204 && { content: jsonContent(write(result, "output"), shown(good)) }),
    },
    default: { description: "refused", content: jsonContent({ $ref: "#/components/schemas/Error" }, {}) },
  };
  for (const code of new Set(answers.map((one) => one.status)))
    if (code !== good)
      responses[code] = {
        description: code < 300 ? "nothing was changed" : "refused",
        content: jsonContent(
          code < 300 ? write(result, "output") : { $ref: "#/components/schemas/Error" },
          shown(code),
        ),
      };

  return {
    operationId: operationId(endpoint),
    tags: [tagOf(endpoint)],
    summary: about,
    description: NEEDS[need] ?? `Needs a token with the scope ${need} or admin.`,
    parameters: [...pathParameters(endpoint, examples), ...queryParameters(endpoint, write), ...headers(endpoint)],
    ...(!(body instanceof z.ZodUndefined) && {
      requestBody: { required: true, content: jsonContent(write(body, "input"), namedExamples(bodies)) },
    }),
    responses,
  };
}

const NEEDS: Partial<Record<string, string>> = {
  any: "Needs any token that is good.",
  operator: "Needs the operator's token.",
  admin: "Needs a token with the scope admin.",
};
const ETAG = { ETag: { description: "the state of the thing, for If-Match", schema: { type: "string" } } };
const INTEGER_PARAMS = new Set(["botId", "commandId", "userId", "chatId"]);

function pathParameters({ path }: EndpointFacts, examples: readonly Example[]): JsonSchema[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => {
    const value = examples.find(({ params }) => params?.[name] !== undefined)?.params?.[name];
    const isInteger = INTEGER_PARAMS.has(name);
    return {
      ...{ name, in: "path", required: true, schema: { type: isInteger ? "integer" : "string" } },
      ...(value !== undefined && { example: isInteger ? Number(value) : value }),
    };
  });
}

function queryParameters(
  { query }: EndpointFacts,
  write: (schema: z.ZodType, io: "input" | "output") => JsonSchema,
): JsonSchema[] {
  const { properties, required } = write(query, "input");
  if (!isObject(properties)) return [];
  return Object.entries(properties).map(([name, schema]) => {
    const description = isObject(schema) ? schema["description"] : undefined;
    return {
      ...{ name, in: "query", required: Array.isArray(required) && required.includes(name), schema },
      ...(typeof description === "string" && { description }),
    };
  });
}

function headers({ method, matches, tellsSecret }: EndpointFacts): JsonSchema[] {
  const header = (name: string, description: string) => ({
    ...{ name, in: "header", required: false, description, schema: { type: "string" } },
  });
  return [
    ...(matches ? [header("If-Match", "the ETag that the thing must still have")] : []),
    ...(method === "POST" && !tellsSecret ? [header("Idempotency-Key", "done once under this key")] : []),
  ];
}

function jsonContent(schema: JsonSchema, examples: JsonSchema): JsonSchema {
  const hasExamples = Object.keys(examples).length > 0;
  return { "application/json": { schema, ...(hasExamples && { examples }) } };
}

function namedExamples(list: readonly (readonly unknown[])[]): JsonSchema {
  return Object.fromEntries(list.map(([summary, value], i) => [`example${i + 1}`, { summary, value }]));
}

/** `GET /bots/:botId/commands` is `getBotsCommands`, and with a last `:commandId` `getBotsCommandsByCommandId`. */
function operationId({ method, path }: EndpointFacts): string {
  const parts = path.split("/").filter((part) => part !== "");
  const last = parts.at(-1) ?? "";
  const words = parts.filter((part) => !part.startsWith(":")).flatMap((part) => part.split("-"));
  const by = last.startsWith(":") ? `By${capital(last.slice(1))}` : "";
  return `${method.toLowerCase()}${words.map(capital).join("")}${by}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function tagOf({ path }: EndpointFacts): string {
  const words = path.split("/").filter((part) => part !== "" && !part.startsWith(":"));
  const [first = "", second] = words;
  return first === "bots" || first === "owners" ? (TAGS[second ?? ""] ?? first) : first;
}
const TAGS: Partial<Record<string, string>> = {
  ...{ commands: "commands", libs: "libs", users: "users", chats: "chats", properties: "properties" },
  ...{ links: "links", runs: "runs", keys: "keys", tokens: "tokens" },
};
