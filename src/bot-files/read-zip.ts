import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import yauzl from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import type { FoundFiles } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import { createGather, reasonOf, refused } from "./gather.ts";
import type { Gather } from "./gather.ts";
import { pathFault } from "./paths.ts";

const ZIP_BYTES = 64 * 1024 * 1024;
/** Files and folders of an archive, those that an import does not look at included. */
const MAX_ENTRIES = 20_000;
/** Source text packs to a fifth; what packs a hundred times better and is not tiny is made to. */
const MAX_RATIO = 200;
const RATIO_FROM_BYTES = 64 * 1024;
/** The system's type of a file, in the upper half of the attributes: 0 where an archive does not say. */
const TYPE_MASK = 0o170000;
const LINK = 0o120000;
const FOLDER = 0o040000;
const FILE = 0o100000;
const METHODS: ReadonlySet<number> = new Set([0, 8]); // stored, deflated

/** What macOS puts beside the files of an archive. */
const isJunk = (path: string) => path.startsWith("__MACOSX/") || /(?:^|\/)\.DS_Store$/.test(path);

interface Listed {
  path: string;
  entry: Entry;
}

/**
 * Reads a bot out of a zip: from its root, or from its one top folder. All names are checked before anything is
 * inflated, and each file is inflated only as far as it may go. Nothing is written to the disk.
 *
 * @throws AppError `import_invalid`, with a sentence that says what is wrong with the archive
 */
export async function readZip(file: string): Promise<FoundFiles> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw refused(`${file} cannot be read: ${reasonOf(cause)}`, cause);
  });
  if (size > ZIP_BYTES) throw refused(`${file} has ${size} bytes; at most ${ZIP_BYTES} are allowed`);
  const zip = await yauzl
    .openPromise(file, { lazyEntries: true, decodeStrings: false, autoClose: false })
    .catch((cause: unknown) => {
      throw refused(`${file} is not a zip archive that can be read`, cause);
    });
  try {
    const listed = inRoot(await list(zip, file), file);
    const gather = createGather(file);
    for (const { path, entry } of listed)
      if (gather.wants(path, entry.uncompressedSize)) await readInto(gather, zip, { path, entry });
    return gather.found();
  } finally {
    zip.close();
  }
}

async function list(zip: ZipFile, file: string): Promise<Listed[]> {
  const tooMany = () => refused(`${file} has more than ${MAX_ENTRIES} entries`);
  if (zip.entryCount > MAX_ENTRIES) throw tooMany();
  const listed: Listed[] = [];
  const seen = new Set<string>();
  try {
    for await (const entry of zip.eachEntry()) {
      const name = decodeName(entry);
      const isFolder = name.endsWith("/");
      const path = isFolder ? name.slice(0, -1) : name;
      if (isJunk(path) || path === "__MACOSX") continue;
      const fault = seen.has(path) ? "stands in the archive twice" : (nameFault(path) ?? entryFault(entry, isFolder));
      if (fault !== undefined) throw refused(`${JSON.stringify(path.slice(0, 200))} ${fault}`);
      seen.add(path);
      if (!isFolder) listed.push({ path, entry });
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw refused(`${file} is a broken zip archive`, cause);
  }
  return listed;
}

function decodeName({ fileNameRaw }: Entry): string {
  try {
    // what is no UTF-8 is in the code page of some other machine, and not to be guessed
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fileNameRaw);
  } catch (cause) {
    throw refused("the archive has a name that is not UTF-8: pack it anew", cause);
  }
}

function nameFault(path: string): string | undefined {
  const fault = pathFault(path);
  return fault === undefined ? undefined : `is refused: ${fault}`;
}

function entryFault(entry: Entry, isFolder: boolean): string | undefined {
  const type = (entry.externalFileAttributes >>> 16) & TYPE_MASK;
  if (type === LINK) return "is a symbolic link, which is refused";
  if (type !== 0 && type !== FILE && type !== FOLDER) return "is neither a file nor a folder";
  if (isFolder) return undefined;
  if (entry.isEncrypted()) return "is encrypted: pack it without a password";
  if (!METHODS.has(entry.compressionMethod))
    return `is packed by a method (${entry.compressionMethod}) that is unknown`;
  const { compressedSize, uncompressedSize } = entry;
  const isBomb = uncompressedSize > RATIO_FROM_BYTES && uncompressedSize > compressedSize * MAX_RATIO;
  return isBomb ? `would unpack to more than ${MAX_RATIO} times its size` : undefined;
}

/** The root is where bot.json lies: at the top, or in the only top folder that there is, as forges pack repositories. */
function inRoot(listed: readonly Listed[], file: string): Listed[] {
  if (listed.some(({ path }) => path === "bot.json")) return [...listed];
  const tops = [...new Set(listed.map(({ path }) => path.split("/", 1)[0] ?? ""))];
  const [top = "", ...others] = tops;
  if (others.length > 0) {
    const named = tops.slice(0, 5).join(", ") + (tops.length > 5 ? ", …" : "");
    throw refused(`${file} has no bot.json at its top, and more than one thing lies there: ${named}`);
  }
  const prefix = `${top}/`;
  return listed
    .filter(({ path }) => path.startsWith(prefix))
    .map(({ path, entry }) => ({ path: path.slice(prefix.length), entry }));
}

async function readInto(gather: Gather, zip: ZipFile, { path, entry }: Listed): Promise<void> {
  let content: Buffer;
  try {
    content = await readAll(await zip.openReadStreamPromise(entry), entry.uncompressedSize);
  } catch (cause) {
    throw refused(`${path} cannot be unpacked: what the archive says of it is not true`, cause);
  }
  if (crc32(content) !== entry.crc32) throw refused(`${path} is damaged: its checksum does not fit`);
  gather.add(path, content);
}

/** The archive's word about the size is what was checked, so not a byte more is taken. */
async function readAll(stream: Readable, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    if (!Buffer.isBuffer(part)) throw new TypeError("a stream of something else than bytes");
    bytes += part.length;
    if (bytes > maxBytes) throw new RangeError("more bytes than were announced"); // leaving the loop destroys the stream
    parts.push(part);
  }
  return Buffer.concat(parts, bytes);
}
