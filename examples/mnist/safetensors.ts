/**
 * Checkpoints in the safetensors format (https://github.com/huggingface/safetensors, "Format"): an 8-byte little-endian
 * header length, a JSON header padded with spaces to a multiple of 8, then the tensors' bytes, little-endian and without gaps.
 *
 * Written here because npm has no kept library that does both: `safetensors` is one untested release.
 */
import { endianness } from "node:os";

const types = { F32: Float32Array, F64: Float64Array, I32: Int32Array } as const;
type TypeName = keyof typeof types;
type Elements = Float32Array | Float64Array | Int32Array;

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Elements;
}
export interface Checkpoint {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's own limit: a longer header is an attack or a mistake. */
const LONGEST_HEADER = 100_000_000;
const METADATA = "__metadata__";

/** The bytes of a checkpoint. Widest elements come first, so that every tensor is aligned; names break ties. */
export function encodeSafetensors({ tensors, metadata }: Checkpoint): Uint8Array<ArrayBuffer> {
  requireLittleEndian();
  const sorted = Object.entries(tensors).sort(
    ([a, { data: x }], [b, { data: y }]) => y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = { [METADATA]: metadata };
  let end = 0;
  for (const [name, { shape, data }] of sorted) {
    if (name === METADATA) fail(`a tensor cannot be named ${METADATA}`);
    if (sizeOf(shape) !== data.length)
      fail(`"${name}": shape [${shape.join(", ")}] has ${sizeOf(shape)} elements, the data ${data.length}`);
    const start = end;
    end += data.byteLength;
    header[name] = { dtype: typeNameOf(data), shape, data_offsets: [start, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const [, { data }] of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** The checkpoint in a file's bytes. Strict: a header that does not describe every byte of the file exactly once is refused. */
export function decodeSafetensors(file: Uint8Array): Checkpoint {
  requireLittleEndian();
  if (file.length < 8) fail(`the file is ${file.length} bytes, shorter than a header length`);
  const declared = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (declared > LONGEST_HEADER) fail(`a header of ${declared} bytes; at most ${LONGEST_HEADER} are allowed`);
  const start = 8 + Number(declared);
  if (start > file.length) fail(`a header of ${declared} bytes in a file of ${file.length}`);
  const { [METADATA]: metadata = {}, ...entries } = parseHeader(file.subarray(8, start));
  const body = file.subarray(start);

  const tensors: Record<string, StoredTensor> = {};
  let covered = 0;
  const described = Object.entries(entries).map(([name, entry]) => ({ name, ...checkEntry(name, entry) }));
  for (const { name, type, shape, begin, end } of described.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) fail(`"${name}" begins at byte ${begin}; the tensors before it end at ${covered}`);
    if (end > body.length) fail(`"${name}" ends at byte ${end} of ${body.length}`);
    covered = end;
    tensors[name] = { shape, data: new types[type](new Uint8Array(body.subarray(begin, end)).buffer) };
  }
  if (covered !== body.length) fail(`${body.length - covered} bytes after the last tensor`);
  return { tensors, metadata: checkMetadata(metadata) };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) fail("the header does not begin with {");
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error("safetensors: the header is not JSON in UTF-8", { cause });
  }
  return header as Record<string, unknown>;
}

/** One tensor's description: a dtype we read, a shape of whole numbers, and a byte range exactly as long as they say. */
function checkEntry(name: string, entry: unknown): { type: TypeName; shape: number[]; begin: number; end: number } {
  const { dtype, shape, data_offsets, ...others } = Object(entry) as Record<string, unknown>;
  const unknown = Object.keys(others);
  if (unknown.length > 0) fail(`"${name}": unknown field ${unknown.join(", ")}`);
  if (typeof dtype !== "string" || !Object.hasOwn(types, dtype)) {
    fail(`"${name}": dtype ${JSON.stringify(dtype)} is not read here; ${Object.keys(types).join(", ")} are`);
  }
  if (!isCounts(shape)) fail(`"${name}": shape ${JSON.stringify(shape)} is not a list of sizes`);
  if (!isCounts(data_offsets) || data_offsets.length !== 2)
    fail(`"${name}": data_offsets ${JSON.stringify(data_offsets)} is not [begin, end]`);
  const type = dtype as TypeName;
  const [begin, end] = data_offsets as [number, number];
  const bytes = sizeOf(shape) * types[type].BYTES_PER_ELEMENT;
  if (end - begin !== bytes) fail(`"${name}": ${type} [${shape.join(", ")}] is ${bytes} bytes, its data_offsets span ${end - begin}`);
  return { type, shape, begin, end };
}

function checkMetadata(metadata: unknown): Record<string, string> {
  const entries = Object.entries(Object(metadata) as Record<string, unknown>);
  for (const [key, value] of entries) {
    if (typeof value !== "string") fail(`metadata "${key}" is not a string: ${JSON.stringify(value)}`);
  }
  return metadata as Record<string, string>;
}

const isCounts = (x: unknown): x is number[] => Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && n >= 0);
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

function typeNameOf(data: Elements): TypeName {
  const found = (Object.keys(types) as TypeName[]).find((name) => data instanceof types[name]);
  return found ?? fail("internal: an array of an unknown type");
}

/** Typed arrays have the machine's byte order; the file's is little. */
function requireLittleEndian(): void {
  if (endianness() !== "LE") fail("this machine is big-endian; only little-endian ones are supported");
}

function fail(what: string): never {
  throw new Error(`safetensors: ${what}`);
}
