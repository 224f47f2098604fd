/** A small client of the REST API, typed by what `openapi-typescript` makes of `/api/openapi.json`. To be copied. */

type Method = "get" | "post" | "put" | "patch" | "delete";
type JsonOf<T> = T extends { content: { "application/json": infer Body } } ? Body : undefined;
type GoodAnswer<Operation> = Operation extends { responses: infer All }
  ? JsonOf<All[Extract<keyof All, 200 | 201 | 204>]>
  : never;
type PathOf<Operation> = Operation extends { parameters: { path: infer Path } } ? { path: Path } : { path?: never };
type QueryOf<Operation> = Operation extends { parameters: { query?: infer Query } } ? { query?: Query } : object;
type BodyOf<Operation> = Operation extends { requestBody: { content: { "application/json": infer Body } } }
  ? { body: Body }
  : { body?: never };
type Request<Operation> = PathOf<Operation> &
  QueryOf<Operation> &
  BodyOf<Operation> & { headers?: Record<string, string> };

/** What any request may look like, once the types have done their work. */
interface AnyRequest {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * @typeParam Paths the `paths` of the generated types
 * @returns a function that calls the API and throws ApiError where it is refused
 */
export function createApiClient<Paths>({ url, token }: { url: string; token: string }) {
  return async function call<P extends keyof Paths & string, M extends Method & keyof Paths[P]>(
    method: M,
    path: P,
    request: Request<Paths[P][M]>,
  ): Promise<GoodAnswer<Paths[P][M]>> {
    const { path: values = {}, query = {}, body, headers = {} } = request as AnyRequest;
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value != null) given.set(name, String(value));
    const search = given.size === 0 ? "" : `?${given.toString()}`;
    const answer = await fetch(`${url}/api/v1${filled}${search}`, {
      method: method.toUpperCase(),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = text === "" ? undefined : (JSON.parse(text) as unknown);
    if (answer.ok) return json as GoodAnswer<Paths[P][M]>;
    const { error } = json as { error: { code: string; message: string } };
    throw new ApiError(answer.status, error.code, error.message);
  };
}
