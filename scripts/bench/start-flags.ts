import { readFileSync } from "node:fs";
import { z } from "zod";

const packageSchema = z.object({ scripts: z.object({ start: z.string() }) });

/** How `npm start` runs the server: what it puts into the environment, and the flags that it gives to Node. */
export function readStartFlags(): { env: Record<string, string>; flags: string[] } {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { start } = packageSchema.parse(JSON.parse(text)).scripts;
  const [, assignments = "", flags = ""] =
    /(?:^|&& )((?:\w+=\S+ )*)node ((?:--\S+ )*)src\/main\.ts serve/.exec(start) ?? [];
  const pairs = words(assignments).map((one): [string, string] => {
    const [name = "", ...value] = one.split("=");
    return [name, value.join("=")];
  });
  return { env: Object.fromEntries(pairs), flags: words(flags) };
}

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}
