import type { Catalog } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import type { Ledger } from "../core/ledger.ts";
import type { Seal } from "../core/seal.ts";
import { createBots } from "./bots.ts";
import type { Bots } from "./bots.ts";
import { createChange, requireBot } from "./changes.ts";
import { createCodeEdits, type PlaceCommand } from "./code-edits.ts";
import type { Definitions } from "./definitions.ts";
import { createLegacyLinks } from "./legacy-links.ts";
import { createLinkKeys } from "./link-keys.ts";
import { createPeople } from "./people.ts";
import { createProperties } from "./properties.ts";
import { createRestorePoints } from "./restore-points.ts";

export interface CatalogDeps {
  ledger: Ledger;
  /** Shared with whoever runs scripts, so that a bot's code is in memory once. */
  definitions: Definitions;
  /** Drops all that a bot has; may be called again after it was interrupted. */
  forget: (botId: number) => Promise<void>;
  placeCommand: PlaceCommand;
  seal: Seal;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** So often a definition is read anew when it was changed in the middle of being read. */
const READ_TRIES = 5;

/** What the yard holds, over the bots' logs. Every change is one commit; nothing is kept outside the log. */
export function createCatalog(deps: CatalogDeps): Catalog & Pick<Bots, "finishDeletions"> {
  const { ledger, definitions, forget, placeCommand, seal, now } = deps;
  const change = createChange(ledger);
  const points = createRestorePoints({ ledger, change, now });
  const bots = createBots({ ledger, change, points, seal, forget, now });

  return {
    ...bots,
    ...createCodeEdits({ editCode: bots.editCode, placeCommand }),
    ...createPeople({ ledger, change, now }),
    ...createProperties({ ledger, change }),
    ...createLinkKeys({ ledger, change, now }),
    ...createLegacyLinks({ ledger, seal }),

    once: (botId, once, make) =>
      change(
        botId,
        async (tx) => {
          await requireBot(tx, botId);
          return make();
        },
        once,
      ),

    async definition(botId) {
      const reader = {
        get: (key: string) => ledger.read(botId, key),
        list: (prefix: string) => ledger.list(botId, prefix),
      };
      for (let tries = 1; ; tries++) {
        try {
          return await definitions.load(reader, botId);
        } catch (error) {
          if (!(error instanceof AppError && error.code === "conflict") || tries === READ_TRIES) throw error;
        }
      }
    },
  };
}
