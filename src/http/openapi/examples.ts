import { z } from "zod";
import told from "./examples.json" with { type: "json" };

const texts = z.record(z.string(), z.string());
const exampleSchema = z.strictObject({
  /** Method and path as the API's table has them. */
  route: z.string(),
  title: z.string(),
  params: texts.optional(),
  query: texts.optional(),
  body: z.json().optional(),
  status: z.number().int(),
  answer: z.json().optional(),
});

/** A call and what it is answered: told in the API's document, and played by a test in this order against the product. */
export type Example = z.infer<typeof exampleSchema>;

/** By the operator, on an empty yard. Ids, times and secrets are those of some day: others have others. */
export const EXAMPLES: readonly Example[] = z.array(exampleSchema).parse(told);
