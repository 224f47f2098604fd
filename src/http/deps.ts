import type { BotChanges, BotFile, Catalog, ImportNote, StoreOptions } from "../core/catalog.ts";
import type { BotMeta } from "../core/bot.ts";
import type { LinkRequest } from "../core/link.ts";
import type { Owners } from "../core/owner.ts";
import type { RunQuery } from "../core/ledger.ts";
import type { RunRecord } from "../core/run-record.ts";
import type { Trigger } from "../core/trigger.ts";
import type { RateLimits } from "./rate-limits.ts";

/** What there is to say of an import, whether it was done or not. */
export interface Trial {
  report: ImportNote[];
  changes: BotChanges;
}

/** What the HTTP room needs from the rest of the yard. main.ts hands it over. */
export interface HttpDeps {
  catalog: Catalog;
  owners: Owners;
  /**
   * Runs a trigger to its end. A failed script is a record with state `failed`.
   *
   * @throws AppError `bot_not_found`, `bot_disabled`, `command_unknown`, `user_unknown`, `link_used` (nothing ran), and
   * the codes under "nothing in this call is to blame"
   */
  run: (trigger: Trigger) => Promise<RunRecord>;
  /** Reads and checks a bot's files whole, then stores them. @throws AppError `import_invalid`, `bot_not_found` */
  importBot: (files: BotFile[], botId?: number, options?: StoreOptions) => Promise<Trial & { bot: BotMeta }>;
  /** Says what `importBot` would do, and does nothing. @throws as that one does */
  tryImport: (files: BotFile[], botId?: number) => Promise<Trial>;
  /** The files of a bot. @throws AppError `bot_not_found`, `export_invalid` */
  exportBot: (botId: number) => Promise<BotFile[]>;
  runRecord: (id: string) => Promise<RunRecord | null>;
  runRecords: (query: RunQuery) => Promise<RunRecord[]>;
  /** The signing key of a link: 32 bytes, derived per bot and key id for this one purpose. */
  linkSecret: (botId: number, kid: string) => Buffer;
  /** Makes a signed link. @throws AppError `redirect_invalid`, `field_invalid`, `bot_not_found` */
  makeLink: (botId: number, request: LinkRequest) => Promise<string>;
  /** SHA-256 of the operator's token. */
  adminTokenSha256: Buffer;
  rateLimits: RateLimits;
  /** Whether links in their old form work for bots that do not say it themselves. */
  legacyLinks: boolean;
  /** CIDRs of the proxies whose X-Forwarded-For counts. */
  trustedProxies: readonly string[];
  /** Origin of our own links, without a slash at its end. */
  publicUrl: () => string;
  /** Whether the store answers: for /readyz. */
  ready: () => Promise<boolean>;
  /** Milliseconds since 1970. */
  now: () => number;
  log: (line: Record<string, unknown>) => void;
}
