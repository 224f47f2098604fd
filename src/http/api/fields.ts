import { z } from "zod";
import { COMMAND_NAME_CHARS } from "../../core/limits.ts";

/** Members that several calls share. */
export const userIdField = z.number().int().positive();
/** A name, and what may follow it: params. */
export const commandField = z
  .string()
  .trim()
  .min(1)
  .max(COMMAND_NAME_CHARS * 8);
export const contentField = z.string();

/** An id in a query, where everything is text. */
export const userIdText = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/, "not an id")
  .transform(Number);
