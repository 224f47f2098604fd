import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw } from "node:zlib";
import { AppError } from "../../core/errors.ts";

const inflateWith = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  rawDeflate: promisify(inflateRaw),
  br: promisify(brotliDecompress),
};

/**
 * Takes the content coding off a body. The cap counts what comes out, and inflating stops there.
 *
 * @param coding value of Content-Encoding; one coding only
 * @throws AppError `content_encoding_unsupported`, `decompressed_too_large`, `encoding_invalid`
 */
export async function inflateBody(body: Buffer, coding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = (coding ?? "").trim().toLowerCase();
  if (name === "" || name === "identity" || body.length === 0) return body;
  const take = decoderOf(name, body);
  if (take === undefined)
    throw new AppError("content_encoding_unsupported", "only gzip, deflate and br are understood, one at a time");
  try {
    return await take(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new AppError("decompressed_too_large", `the body is larger than ${maxBytes} bytes when decompressed`, {
        cause,
      });
    throw new AppError("encoding_invalid", "the body is not what its Content-Encoding says", { cause });
  }
}

function decoderOf(name: string, body: Buffer) {
  if (name === "gzip" || name === "x-gzip") return inflateWith.gzip;
  if (name === "br") return inflateWith.br;
  if (name !== "deflate") return undefined;
  // meant is zlib's format, whose first byte ends in 8; many senders send the bare stream
  return (body.readUInt8(0) & 0x0f) === 8 ? inflateWith.deflate : inflateWith.rawDeflate;
}
