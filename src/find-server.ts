import { readClientConfig } from "./config.ts";
import type { Environment } from "./config.ts";
import { readAdminToken } from "./secrets.ts";

/**
 * Where the commands find the server, and the token for it: from the environment, else what a server that runs in this
 * folder left in its data folder.
 *
 * @throws AppError `storage_unavailable` where the token's file cannot be used
 */
export async function findServer(
  env?: Environment,
): Promise<{ url: string; token: string | undefined } | { sentence: string }> {
  const config = readClientConfig(env);
  if ("sentence" in config) return config;
  return { url: config.url, token: config.token ?? (await readAdminToken(config.dataDir)) };
}
