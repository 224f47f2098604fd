import { pino } from "pino";
import type { DestinationStream, Logger } from "pino";
import type { LogLevel } from "./config.ts";

/** Members that never reach a log, at the top of a line or one step down. */
const SECRETS = [
  "authorization",
  "cookie",
  "token",
  "adminToken",
  "secret",
  "secretKey",
  "sig",
  "api_key",
  "password",
  "ADMIN_TOKEN",
  "SECRET_KEY",
];

/**
 * The log: JSON lines, one a run and one for what else an operator must know. What is logged is chosen with care by
 * whoever logs; that secrets are struck out here is the second lock, not the first.
 *
 * @param destination standard output unless it is given
 */
export function createLog(level: LogLevel, destination: DestinationStream = pino.destination(1)): Logger {
  return pino(
    {
      level,
      base: null, // no process id and host name in each line
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: "[struck out]" },
    },
    destination,
  );
}
