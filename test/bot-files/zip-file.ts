import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  name: string | Buffer;
  content?: string | Buffer;
  /** 0 stored, 8 deflated (the default), or what no reader knows. */
  method?: number;
  flags?: number;
  /** Type and rights as Unix has them. */
  mode?: number;
  /** What the archive says of the content, where that is not true. */
  size?: number;
  crc?: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UNIX = 3 << 8;
const VERSION = 20;

/** A zip archive, byte by byte: also such as no packer would write. */
export function zipFile(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, content = "", method = 8, flags = 0, mode = 0o100644, size, crc } of entries) {
    const nameBytes = Buffer.from(name as string);
    const plain = Buffer.from(content as string);
    const packed = method === 8 ? deflateRawSync(plain) : plain;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(VERSION, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc ?? crc32(plain), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(size ?? plain.length, 18);
    fields.writeUInt16LE(nameBytes.length, 22);

    const more = Buffer.alloc(14);
    more.writeUInt32LE((mode << 16) >>> 0, 6);
    more.writeUInt32LE(offset, 10);
    const local = Buffer.concat([word(LOCAL), fields, nameBytes, packed]);
    locals.push(local);
    centrals.push(Buffer.concat([word(CENTRAL), half(UNIX | VERSION), fields, more, nameBytes]));
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const count = half(entries.length & 0xffff);
  const end = [word(END), half(0), half(0), count, count, word(directory.length), word(offset), half(0)];
  return Buffer.concat([...locals, directory, ...end]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function half(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
