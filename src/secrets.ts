import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { link, mkdir, open, rename, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { ADMIN_TOKEN_CHARS, SECRET_KEY_CHARS } from "./config.ts";
import { AppError } from "./core/errors.ts";
import type { Seal } from "./core/seal.ts";

export interface Secrets {
  /** What keys are derived from. */
  secretKey: string;
  adminToken: string;
  /** Paths of the files that were made just now. */
  made: string[];
  /** Where the token lies; undefined where the environment gave it. */
  adminTokenFile: string | undefined;
}

export interface SecretsSource {
  dataDir: string;
  secretKey?: string | undefined;
  adminToken?: string | undefined;
}

const ADMIN_TOKEN_FILE = "admin-token";
const SECRET_KEY_FILE = "secret-key";
const SECRET_BYTES = 32;
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;
const MAX_SECRET_BYTES = 4_096;
const LINK_KEY_BYTES = 32;
const SEAL_VERSION = "s1";
const SEAL_KEY_BYTES = 32;
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The server's two secrets: from the environment, else from their files in the data folder, else made there. A file that
 * others may read is refused and not mended: what it held may be known to somebody by now.
 *
 * @throws AppError `storage_unavailable`, with a sentence for the operator
 */
export async function readSecrets({ dataDir, secretKey, adminToken }: SecretsSource): Promise<Secrets> {
  const made: string[] = [];
  const fromFile = async (name: string, minChars: number) => {
    const path = join(dataDir, name);
    const stored = await readSecret(path, minChars);
    if (stored !== undefined) return stored;
    if (await makeSecret(dataDir, path)) made.push(path);
    const secret = await readSecret(path, minChars);
    if (secret === undefined) throw wrong(`${path} vanished while it was read.`);
    return secret;
  };

  return {
    secretKey: secretKey ?? (await fromFile(SECRET_KEY_FILE, SECRET_KEY_CHARS)),
    adminToken: adminToken ?? (await fromFile(ADMIN_TOKEN_FILE, ADMIN_TOKEN_CHARS)),
    made,
    adminTokenFile: adminToken === undefined ? join(dataDir, ADMIN_TOKEN_FILE) : undefined,
  };
}

/**
 * The token that a server on this machine made in its data folder; undefined: there is none.
 *
 * @throws AppError `storage_unavailable`, with a sentence for whoever calls
 */
export function readAdminToken(dataDir: string): Promise<string | undefined> {
  return readSecret(join(dataDir, ADMIN_TOKEN_FILE), ADMIN_TOKEN_CHARS);
}

/**
 * The key that signs a bot's links under one key id: HKDF-SHA256 with a label for this purpose, bot and key, so that no
 * other key of the yard tells anything about it.
 *
 * @returns 32 bytes
 */
export function linkSecret(secretKey: string, botId: number, kid: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secretKey, "", `botyard/link/v1/${botId}/${kid}`, LINK_KEY_BYTES));
}

/** AES-256-GCM under a key of its own, derived from the yard's: version, nonce and tag stand before the text. */
export function createSeal(secretKey: string): Seal {
  const key = Buffer.from(hkdfSync("sha256", secretKey, "", "botyard/seal/v1", SEAL_KEY_BYTES));
  return {
    close(secret, purpose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(purpose));
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return `${SEAL_VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64url")}`;
    },
    open(sealed, purpose) {
      const [version, body = ""] = sealed.split(".");
      const bytes = Buffer.from(body, "base64url");
      if (version !== SEAL_VERSION || bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(tag);
      try {
        const text = [decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
        return Buffer.concat(text).toString();
      } catch {
        return null;
      }
    },
  };
}

/** undefined: there is no such file. */
async function readSecret(path: string, minChars: number): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw wrong(`${path} cannot be read (${codeOf(error)}).`, error);
  }
  try {
    const { mode, size } = await file.stat();
    if (process.platform !== "win32" && (mode & OTHERS) !== 0)
      throw wrong(`${path} may be read by others: run chmod 600 ${path}, or delete it to have a new one made.`);
    const text = size > MAX_SECRET_BYTES ? "" : (await file.readFile("utf8")).trim();
    if (text.length < minChars)
      throw wrong(
        `${path} must hold at least ${minChars} characters: restore it, or delete it to have a new one made.`,
      );
    return text;
  } finally {
    await file.close();
  }
}

/**
 * Writes a new secret beside its place and links it there, so that a crash never leaves half of one, and a second server
 * that starts at the same moment finds the same secret.
 *
 * @returns whether it was ours that came to stand there
 */
async function makeSecret(dataDir: string, path: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const file = await open(draft, "wx", OWNER_ONLY);
    try {
      await file.writeFile(`${randomBytes(SECRET_BYTES).toString("base64url")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    const isOurs = await place(draft, path);
    await syncFolder(dataDir);
    return isOurs;
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw wrong(`${path} cannot be made (${codeOf(error)}): DATA_DIR must be a folder that can be written.`, error);
  }
}

async function place(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") {
      await unlink(draft);
      return false;
    }
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    await rename(draft, path); // a file system without hard links
    return true;
  }
  await unlink(draft);
  return true;
}

/** Makes the new name durable. Some systems cannot sync a folder; there it is as durable as they make it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

function wrong(sentence: string, cause?: unknown): AppError {
  return new AppError("storage_unavailable", sentence, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
}
