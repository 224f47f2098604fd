import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import ipaddr from "ipaddr.js";
import { AppError } from "../core/errors.ts";

/** Calls within WINDOW_SECONDS; 0: no limit. */
export interface RateLimits {
  /** Of one token. */
  api: number;
  /** Of one address, to links whose signature is good. */
  links: number;
  /** Of one address, with a token or a signature that is wrong. */
  wrong: number;
}
export const NO_RATE_LIMITS: RateLimits = { api: 0, links: 0, wrong: 0 };

export interface RateGuard {
  /** Before a token is looked at. @throws AppError `rate_limited` */
  assertOpen(address: string, tokenSha256: string): Promise<void>;
  /** A call without a token, or with a wrong one, which weighs more. */
  missedToken(address: string, tokenSha256: string | undefined): Promise<void>;
  /** A call with a good token. @throws AppError `rate_limited` */
  usedToken(who: string, tokenSha256: string): Promise<void>;
  /** A link with a wrong signature. @throws AppError `rate_limited` once there were too many from this address */
  missedLink(address: string): Promise<void>;
  /** A link with a good one. @throws AppError `rate_limited` */
  usedLink(address: string): Promise<void>;
}

const WINDOW_SECONDS = 60;
const WRONG_TOKEN_POINTS = 10;
/** Tokens that were good within so long pass even where their address is full: nobody locks an owner out. */
const TRUST_MS = 60 * 60 * 1_000;
const TRUSTED_KEPT = 10_000;

/**
 * Counts calls in memory, per address before anything is known of the caller and per token afterwards.
 *
 * @param windowSeconds for tests
 */
export function createRateGuard(
  { api, links, wrong }: RateLimits,
  { now, windowSeconds = WINDOW_SECONDS }: { now: () => number; windowSeconds?: number },
): RateGuard {
  const trusted = new Map<string, number>(); // SHA-256 of a token → until when
  const limiter = (points: number) =>
    points === 0 ? undefined : new RateLimiterMemory({ points, duration: windowSeconds });
  const tokens = limiter(api);
  const goodLinks = limiter(links);
  const wrongTokens = limiter(wrong * WRONG_TOKEN_POINTS);
  const wrongLinks = limiter(wrong);

  return {
    async assertOpen(address, tokenSha256) {
      if (!wrongTokens || (trusted.get(tokenSha256) ?? 0) > now()) return;
      const state = await wrongTokens.get(network(address));
      if (state && state.consumedPoints > wrong * WRONG_TOKEN_POINTS)
        throw tooMany(state, "too many calls without a good token came from this address");
    },
    async missedToken(address, tokenSha256) {
      if (tokenSha256 !== undefined) trusted.delete(tokenSha256);
      const points = tokenSha256 === undefined ? 1 : WRONG_TOKEN_POINTS;
      await wrongTokens?.consume(network(address), points).catch(ignoreFull);
    },
    async usedToken(who, tokenSha256) {
      if (wrongTokens) trust(trusted, tokenSha256, now() + TRUST_MS);
      if (tokens) await consume(tokens, who, "too many calls with this token");
    },
    async missedLink(address) {
      if (wrongLinks)
        await consume(wrongLinks, network(address), "too many links with a wrong signature came from this address");
    },
    async usedLink(address) {
      if (goodLinks) await consume(goodLinks, network(address), "too many calls of links from this address");
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string, sentence: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (thrown) {
    throw thrown instanceof RateLimiterRes ? tooMany(thrown, sentence) : thrown;
  }
}

function ignoreFull(thrown: unknown): void {
  if (!(thrown instanceof RateLimiterRes)) throw thrown;
}

function tooMany({ msBeforeNext }: RateLimiterRes, sentence: string): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1_000));
  return new AppError("rate_limited", `${sentence}: wait ${retryAfterSeconds} s`, { retryAfterSeconds });
}

function trust(trusted: Map<string, number>, tokenSha256: string, until: number): void {
  trusted.delete(tokenSha256);
  trusted.set(tokenSha256, until);
  for (const oldest of trusted.keys()) {
    if (trusted.size <= TRUSTED_KEPT) break;
    trusted.delete(oldest);
  }
}

/** Whoever has one address of IPv6 has 2^64 of them, so that the network counts. */
function network(address: string): string {
  if (!ipaddr.IPv6.isValid(address)) return address;
  return ipaddr.IPv6.parse(address).parts.slice(0, 4).join(":");
}
