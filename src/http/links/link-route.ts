import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AppError } from "../../core/errors.ts";
import { readIntegerId } from "../../core/ids.ts";
import { LINK_BODY_BYTES } from "../../core/limits.ts";
import type { RunRecord } from "../../core/run-record.ts";
import type { Trigger } from "../../core/trigger.ts";
import { sendJson, type CallContext } from "../answer.ts";
import type { HttpDeps } from "../deps.ts";
import { readQuery, type QueryPair } from "../query-pairs.ts";
import type { BodyBudget } from "../body-budget.ts";
import type { RateGuard } from "../rate-limits.ts";
import { checkDeclaredLength, readBody } from "../read-body.ts";
import { routeNotFound } from "../request-target.ts";
import { bodyText, readMediaType } from "./body-text.ts";
import { maskProofs, titleCaseHeaders } from "./call-view.ts";
import { inflateBody } from "./inflate.ts";
import { createVerifyLegacy, isLegacyForm, type GoodLink } from "./legacy-link.ts";
import { sha256 } from "./legacy-token.ts";
import { readParams, type CallBody } from "./params.ts";
import { runFailure } from "./run-failure.ts";
import { createVerifyLink, signatureInvalid } from "./verify-link.ts";

export interface LinkRouteDeps {
  http: HttpDeps;
  budget: BodyBudget;
  guard: RateGuard;
  clientIp: (req: IncomingMessage) => string;
}

export const LINK_METHODS = ["GET", "HEAD", "OPTIONS", "POST"];

/** Answers a signed link: checks it, runs its command, and hands the answer on. HEAD and OPTIONS never run anything. */
export function createLinkRoute({ http, budget, guard, clientIp }: LinkRouteDeps) {
  const verifyLink = createVerifyLink({
    linkKeys: (botId) => http.catalog.linkKeys(botId),
    linkSecret: http.linkSecret,
    now: http.now,
  });
  const verifyLegacy = createVerifyLegacy({
    authority: (id) => http.catalog.legacyAuthority(id),
    onByDefault: http.legacyLinks,
    isOwnersKey: createOwnersKeyCheck(http),
    log: http.log,
  });

  return async function linkRoute(ctx: CallContext, botIdText: string): Promise<void> {
    const botId = readIntegerId(botIdText);
    if (botId === undefined) throw routeNotFound();
    if (ctx.method === "OPTIONS") {
      answerPreflight(ctx);
      return;
    }
    if (ctx.method === "HEAD") {
      sendJson(ctx, 200, {});
      return;
    }
    if (ctx.method === "POST") checkDeclaredLength(ctx.req, LINK_BODY_BYTES);
    const query = readQuery(ctx.state.target.rawQuery);
    const link = await verifyCounted(ctx, botId, query);
    const body = ctx.method === "POST" ? await readCallBody(ctx, budget) : null;
    const trigger = await readTrigger(ctx, { link, query, body });
    answerRun(ctx, await runLink(http.run, trigger), link);
  };

  /** A good link is never held up by wrong ones from its address, whoever sent those. */
  async function verifyCounted(ctx: CallContext, botId: number, query: QueryPair[]): Promise<GoodLink> {
    try {
      const link = isLegacyForm(query) ? await verifyLegacy(botId, query) : await verifyLink(botId, query);
      await guard.usedLink(clientIp(ctx.req));
      return link;
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === "link_signature_invalid")
        await guard.missedLink(clientIp(ctx.req));
      throw thrown;
    }
  }

  async function readTrigger(
    ctx: CallContext,
    { link, query, body }: { link: GoodLink; query: QueryPair[]; body: CallBody | null },
  ): Promise<Trigger> {
    const { path, rawQuery } = ctx.state.target;
    const { botId, command, userId, kid, once, legacy } = link;
    return {
      botId,
      source: "link",
      command,
      ...(userId !== undefined && { userId }),
      content: body !== null && body.bytes.length > 0 ? bodyText(body.bytes, body.media.charset) : link.content,
      options: {
        url: `${http.publicUrl()}${path}?${maskProofs(rawQuery)}`,
        method: ctx.method,
        params: await readParams(query, body),
        headers: titleCaseHeaders(ctx.req.rawHeaders),
        ip: clientIp(ctx.req),
        ...(legacy && { legacy }), // its content is whatever the caller wrote there
      },
      ...(once !== undefined && kid !== undefined && { once: { kid, nonce: once } }),
    };
  }
}

/** A key in a link is a token of whoever has the bot, and one that may run commands; of the operator's bots the operator's. */
function createOwnersKeyCheck({ adminTokenSha256, owners }: Pick<HttpDeps, "adminTokenSha256" | "owners">) {
  return async function isOwnersKey(ownerId: string | null, key: string): Promise<boolean> {
    if (ownerId === null) return timingSafeEqual(sha256(key), adminTokenSha256);
    const token = await owners.authenticate(key);
    return token?.owner_id === ownerId && (token.scopes.includes("run") || token.scopes.includes("admin"));
  };
}

function answerPreflight(ctx: CallContext): void {
  ctx.status = 204;
  ctx.set("Allow", LINK_METHODS.join(", "));
  ctx.set("Access-Control-Allow-Methods", "GET, POST");
  ctx.set("Access-Control-Allow-Headers", "*, Authorization");
  ctx.set("Access-Control-Max-Age", "600");
}

async function readCallBody(ctx: CallContext, budget: BodyBudget): Promise<CallBody> {
  const take = budget(ctx.res);
  const raw = await readBody(ctx.req, ctx.res, { maxBytes: LINK_BODY_BYTES, take });
  const bytes = await inflateBody(raw, ctx.req.headers["content-encoding"], LINK_BODY_BYTES);
  if (bytes !== raw) take(bytes.length); // a kilobyte may have become a thousand
  const contentType = ctx.req.headers["content-type"];
  return { bytes, contentType, media: readMediaType(contentType) };
}

async function runLink(run: HttpDeps["run"], trigger: Trigger): Promise<RunRecord> {
  try {
    return await run(trigger);
  } catch (thrown) {
    // the bot was deleted since the check: a deleted bot answers as one that never was
    if (thrown instanceof AppError && thrown.code === "bot_not_found") throw signatureInvalid(thrown);
    throw thrown;
  }
}

function answerRun(ctx: CallContext, record: RunRecord, link: GoodLink): void {
  if (record.state === "failed") throw runFailure(record);
  if (link.redirectTo === undefined) {
    sendJson(ctx, 200, { answer: record.answer });
    return;
  }
  ctx.body = null; // Koa makes this a 204, so the status comes after it
  ctx.status = 303;
  ctx.set("Location", link.redirectTo);
}
