import { createHash } from "node:crypto";
import type { OpenApiDocument, Operation } from "./document.ts";
import { isObject, type JsonSchema } from "./schemas.ts";

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 14px/1.4 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8886; border-radius: 4px; }
details { border-top: 1px solid #8886; padding: .5rem 0; }
summary { cursor: pointer; }
summary code { display: inline-block; min-width: 4.5rem; font-weight: bold; }
table { border-collapse: collapse; }
td { padding: .1rem 1rem .1rem 0; vertical-align: top; }
`;

export interface Page {
  html: string;
  /** The page's own Content-Security-Policy: its one style and nothing else, no script. */
  policy: string;
}

/** The document as a page to read: plain HTML that asks for nothing from anywhere. */
export function createPage(document: OpenApiDocument): Page {
  const style = `sha256-${createHash("sha256").update(STYLE).digest("base64")}`;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const parts = document.tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2 id="${escape(name)}">${escape(name)}</h2>\n${own.map(operationHtml).join("\n")}`;
  });
  const schemas = document.components["schemas"];
  const shapes = Object.entries(isObject(schemas) ? schemas : {}).map(
    ([name, schema]) =>
      `<details id="schema-${escape(name)}"><summary>${escape(name)}</summary>${jsonHtml(schema)}</details>`,
  );
  const menu = document.tags.map(({ name }) => `<a href="#${escape(name)}">${escape(name)}</a>`).join(" · ");
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(document.info.title)}: the API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head>
<body><h1>${escape(document.info.title)}: the API, version ${escape(document.info.version)}</h1>
<p>${escape(document.info.description).replace(/`([^`]+)`/g, "<code>$1</code>")}</p>
<p>For programs: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI ${escape(document.openapi)}).</p>
<p>${menu} · <a href="#shapes">shapes</a></p>
${parts.join("\n")}
<h2 id="shapes">shapes</h2>
${shapes.join("\n")}
</body></html>
`;
  return {
    html,
    policy: `default-src 'none'; style-src '${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}

function operationHtml({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const { summary, description, parameters, requestBody, responses } = operation;
  const rows = parameters.map((one) => {
    const cell = (key: string) => escape(typeof one[key] === "string" ? one[key] : "");
    const needed = one["required"] === true ? "required" : "";
    return `<tr><td><code>${cell("name")}</code></td><td>${cell("in")} ${needed}</td><td>${cell("description")}</td></tr>`;
  });
  const answers = Object.entries(responses)
    .filter(([status]) => status !== "default")
    .map(([status, response]) => `<h4>${escape(status)}: ${escape(textOf(response))}</h4>${contentHtml(response)}`);
  return `<details><summary><code>${method}</code> <code>/api/v1${escape(path)}</code> ${escape(summary)}</summary>
<p>${escape(description)}</p>
${rows.length > 0 ? `<table>${rows.join("")}</table>` : ""}
${requestBody === undefined ? "" : `<h4>body</h4>${contentHtml(requestBody)}`}
${answers.join("\n")}
</details>`;
}

function textOf({ description }: JsonSchema): string {
  return typeof description === "string" ? description : "";
}

/** The examples, which say more than the schema, and then the schema. */
function contentHtml({ content }: JsonSchema): string {
  const json = isObject(content) ? content["application/json"] : undefined;
  if (!isObject(json)) return "";
  const examples = isObject(json["examples"]) ? Object.values(json["examples"]).filter(isObject) : [];
  const shown = examples.map(
    ({ summary, value }) => `<p>${escape(typeof summary === "string" ? summary : "")}</p>${jsonHtml(value)}`,
  );
  return `${shown.join("")}<details><summary>schema</summary>${jsonHtml(json["schema"])}</details>`;
}

function jsonHtml(value: unknown): string {
  return `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
