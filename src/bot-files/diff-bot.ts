import type { BotChanges, BotCode, BotSource, ChangedItems } from "../core/catalog.ts";

/** What is compared of a command; `head` is the header as it was written, for what it holds beside the known members. */
const COMMAND_FIELDS = [
  ...(["aliases", "help", "answer", "keyboard", "need_reply", "auto_retry_time", "folder", "group"] as const),
  ...(["code", "file", "head"] as const),
];
const LIB_FIELDS = ["code", "file", "head"] as const;

/** @param before null: there is no such bot yet */
export function diffBot(before: BotSource | null, after: BotCode): BotChanges {
  const from = before?.meta.name ?? null;
  const textOf = new Map(before?.files.map(({ path, text }) => [path, text]));
  const paths = new Set(after.files.map(({ path }) => path));
  return {
    name: from === after.name ? null : { from, to: after.name },
    commands: diffItems(before?.commands ?? [], after.commands, COMMAND_FIELDS),
    libs: diffItems(before?.libs ?? [], after.libs, LIB_FIELDS),
    files: {
      added: after.files.filter(({ path }) => !textOf.has(path)).map(({ path }) => path),
      changed: after.files
        .filter(({ path, text }) => textOf.has(path) && textOf.get(path) !== text)
        .map(({ path }) => path),
      removed: [...textOf.keys()].filter((path) => !paths.has(path)),
    },
  };
}

export function isUnchanged({ name, commands, libs, files }: BotChanges): boolean {
  const isEmpty = ({ added, changed, removed }: { [K in keyof ChangedItems]: unknown[] }) =>
    added.length + changed.length + removed.length === 0;
  return name === null && isEmpty(commands) && isEmpty(libs) && isEmpty(files);
}

function diffItems<T extends { name: string; file: string }, K extends keyof T & string>(
  before: readonly T[],
  after: readonly Pick<T, K | "name" | "file">[],
  fields: readonly K[],
): ChangedItems {
  const old = new Map(before.map((item) => [item.name, item]));
  const names = new Set(after.map(({ name }) => name));
  const items: ChangedItems = { added: [], changed: [], removed: [] };
  for (const item of after) {
    const { name, file } = item;
    const was = old.get(name);
    if (!was) {
      items.added.push({ name, file });
      continue;
    }
    const changed = fields.filter((field) => JSON.stringify(was[field] ?? "") !== JSON.stringify(item[field] ?? ""));
    if (changed.length > 0) items.changed.push({ name, file, fields: changed });
  }
  for (const { name, file } of before) if (!names.has(name)) items.removed.push({ name, file });
  return items;
}
