import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { encodeFrame, readChildFrame, readFrames } from "../../src/run/frames.ts";
import { DONE } from "./fake-children.ts";

function listen() {
  const stream = new PassThrough();
  const frames: unknown[] = [];
  const bad: string[] = [];
  readFrames(
    stream,
    (frame, lines) => frames.push(lines.length > 0 ? [frame, ...lines] : frame),
    (why) => bad.push(why),
  );
  return { stream, frames, bad };
}

/** A frame of any text. */
function frameOf(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

test("frames are found however the stream was cut", () => {
  const { stream, frames } = listen();
  const bytes = Buffer.concat([encodeFrame({ a: "ä" }), encodeFrame([]), encodeFrame("c")]);

  for (const byte of bytes) stream.write(Buffer.of(byte));
  stream.write(bytes);

  expect(frames).toEqual([{ a: "ä" }, [], "c", { a: "ä" }, [], "c"]);
});

test("the further lines of a frame are handed on as they are", () => {
  const { stream, frames } = listen();

  stream.write(frameOf('{"a":1}\n[not looked into\n{}'));

  expect(frames).toEqual([[{ a: 1 }, "[not looked into", "{}"]]);
});

test.each([
  ["longer than any of ours", Buffer.of(0xff, 0xff, 0xff, 0x7f), "a frame of 2147483647 bytes"],
  ["that is no JSON", frameOf("{"), "a frame that is no JSON"],
  ["of nothing", frameOf(""), "a frame that is no JSON"],
  ["that nests without end", frameOf("[".repeat(100_000)), "a frame that nests too deep"],
])("a frame %s is told of once, and nothing after it is read", (_, bytes, why) => {
  const { stream, frames, bad } = listen();

  stream.write(bytes);
  stream.write(encodeFrame({ kind: "ready" }));
  stream.write(bytes);

  expect(bad).toEqual([why]);
  expect(frames).toEqual([]);
});

const { effects: _, ...SAID } = DONE;
test.each([
  ["of no kind", {}],
  ["of another kind", { kind: "exec" }],
  ["with a member too many", { kind: "ready", bot: 2 }],
  ["with a question of objects", { kind: "ask", question: [{}] }],
  ["with a question of nothing", { kind: "ask", question: [] }],
  ["with an end of its own making", { ...SAID, end: "timeout" }],
  ["that names a run", { ...SAID, run: "run_1" }],
  ["with counts below nothing", { ...SAID, reads: -1 }],
  ["with a limit's code of any length", { ...SAID, over: { code: "x".repeat(1_000), message: "" } }],
  ["with more handlers than a bot may have", { ...SAID, handlers: Array.from({ length: 1_001 }, String) }],
  ["with effects of its own shape", { ...SAID, effects: [] }],
])("a frame %s is none of a child's", (_, frame) => {
  expect(readChildFrame(frame, [])).toBe(undefined);
});

test("a child says that it is ready, asks, and says what came of a run", () => {
  expect(readChildFrame({ kind: "ready" }, [])).toEqual({ kind: "ready" });
  expect(readChildFrame({ kind: "ask", question: ["get", "b/a"] }, [])).toEqual({
    kind: "ask",
    question: ["get", "b/a"],
  });
  expect(readChildFrame(SAID, ["{}"])).toEqual({ ...DONE, effects: ["{}"] });
});
