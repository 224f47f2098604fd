import type { BotFile } from "../core/catalog.ts";
import { createLineCount } from "./lines.ts";
import type { Report } from "./report.ts";

/** Places of one kind in one file that are named: whoever has more of them knows by then. */
const NAMED_IN_A_FILE = 5;

/**
 * What a secret looks like; where `hasDigit` says so, words alone are none. Every pattern takes time in proportion to the
 * text.
 */
const SECRETS: readonly { kind: string; pattern: RegExp; hasDigit?: true }[] = [
  { kind: "a Telegram bot token", pattern: /(?<![0-9])[0-9]{6,12}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  { kind: "a private key", pattern: /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----/g },
  { kind: "a live key of Stripe", pattern: /\b[rs]k_live_[0-9A-Za-z]{16,}/g },
  { kind: "a key of AWS", pattern: /\bA[KS]IA[0-9A-Z]{16}\b/g },
  { kind: "a key of Google", pattern: /\bAIza[0-9A-Za-z_-]{35}/g },
  { kind: "a token of GitHub", pattern: /\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{40,})/g },
  { kind: "a token of GitLab", pattern: /\bglpat-[0-9A-Za-z_-]{20,}/g },
  { kind: "a token of Slack", pattern: /\bxox[abeprs]-[0-9A-Za-z-]{10,}/g },
  { kind: "a key of OpenAI", pattern: /\bsk-[A-Za-z0-9_-]{32,}/g, hasDigit: true },
  {
    kind: "what looks like a key or a password",
    pattern:
      /(?:api_?key|secret(?:_?key)?|private_?key|auth_?token|access_?token|passw(?:or)?d)["']?\s{0,8}[:=(]\s{0,8}["'][A-Za-z0-9_+/=-]{24,}["']/gi,
    hasDigit: true,
  },
];

/** Names each secret in a file by its kind and its line. The value itself goes nowhere. */
export function noteSecrets({ path, text }: BotFile, report: Report): void {
  for (const { kind, pattern, hasDigit } of SECRETS) {
    const lineOf = createLineCount(text);
    let named = 0;
    for (const { 0: found, index } of text.matchAll(pattern)) {
      if (hasDigit && !/[0-9]/.test(found)) continue; // words of an example
      const words = `${kind} stands in the source, where everybody who has the files can read it`;
      report.add("warning", words, { file: path, line: lineOf(index) });
      if (++named === NAMED_IN_A_FILE) break;
    }
  }
}
