import { describe, expect, test } from "vitest";
import { type Checkpoint, decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

const checkpoint: Checkpoint = {
  tensors: {
    "hidden.w": { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, Number.NaN, Number.POSITIVE_INFINITY, 1e-40) },
    empty: { shape: [0, 4], data: new Float32Array(0) },
    loss: { shape: [], data: Float64Array.of(Math.PI) },
    step: { shape: [], data: Int32Array.of(-7) },
  },
  metadata: { epochs: "6", note: "größer" },
};

/** A file with this header, as text or as an object, and a body of this many zero bytes. */
function fileOf(header: unknown, bodyLength: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + bodyLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}
const pair = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

describe("safetensors", () => {
  test("what is written is read back, bit for bit", () => {
    expect(decodeSafetensors(encodeSafetensors(checkpoint))).toStrictEqual(checkpoint);
  });

  test("a file may lie anywhere in a larger buffer, and be one of Node's", () => {
    const file = encodeSafetensors(checkpoint);
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(decodeSafetensors(shifted.subarray(3))).toStrictEqual(checkpoint);
    expect(decodeSafetensors(Buffer.from(file))).toStrictEqual(checkpoint);
  });

  test("the bytes are the format's", () => {
    const file = encodeSafetensors({ tensors: { x: { shape: [2], data: Float32Array.of(1, 2) } }, metadata: {} });
    const header = '{"__metadata__":{},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(header.length % 8).toBe(0);
    expect(Buffer.from(file.subarray(0, 8)).toString("hex")).toBe("4800000000000000");
    expect(Buffer.from(file.subarray(8, 80)).toString()).toBe(header);
    expect(Buffer.from(file.subarray(80)).toString("hex")).toBe("0000803f00000040");
  });

  test("a header padded with spaces, and metadata left out", () => {
    expect(decodeSafetensors(fileOf(`${JSON.stringify({ x: pair })}   `, 8))).toStrictEqual({
      tensors: { x: { shape: [2], data: Float32Array.of(0, 0) } },
      metadata: {},
    });
  });

  test.each([
    ["an empty file", new Uint8Array(0), "the file is 0 bytes, shorter than a header length"],
    ["a header past the end", fileOf("{}", 0).subarray(0, 9), "a header of 2 bytes in a file of 9"],
    ["a huge header", Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0), "a header of 1099511627776 bytes; at most 100000000 are allowed"],
    ["no object", fileOf("[]", 0), "the header does not begin with {"],
    ["broken JSON", fileOf('{"x":', 0), "the header is not JSON in UTF-8"],
    ["an unknown dtype", fileOf({ x: { ...pair, dtype: "F8" } }, 8), '"x": dtype "F8" is not read here; F32, F64, I32 are'],
    ["a dtype from the prototype", fileOf({ x: { ...pair, dtype: "toString" } }, 8), '"x": dtype "toString" is not read here'],
    ["an unknown field", fileOf({ x: { ...pair, strides: [1] } }, 8), '"x": unknown field strides'],
    ["a negative size", fileOf({ x: { ...pair, shape: [-2] } }, 8), '"x": shape [-2] is not a list of sizes'],
    ["offsets that do not fit the shape", fileOf({ x: { ...pair, shape: [3] } }, 8), "F32 [3] is 12 bytes, its data_offsets span 8"],
    [
      "offsets the wrong way round",
      fileOf({ x: { ...pair, shape: [0], data_offsets: [8, 0] } }, 8),
      "is 0 bytes, its data_offsets span -8",
    ],
    ["a gap", fileOf({ x: pair, y: { ...pair, data_offsets: [12, 20] } }, 20), '"y" begins at byte 12; the tensors before it end at 8'],
    ["an overlap", fileOf({ x: pair, y: { ...pair, data_offsets: [4, 12] } }, 12), '"y" begins at byte 4; the tensors before it end at 8'],
    ["a body cut short", fileOf({ x: pair }, 7), '"x" ends at byte 8 of 7'],
    ["bytes left over", fileOf({ x: pair }, 9), "1 bytes after the last tensor"],
    ["metadata that is no string", fileOf({ __metadata__: { epochs: 6 } }, 0), 'metadata "epochs" is not a string: 6'],
    ["an entry that is no object", fileOf({ x: null }, 0), '"x": dtype undefined is not read here'],
  ])("%s is refused", (_, file, message) => {
    expect(() => decodeSafetensors(file)).toThrow(message);
  });

  test("a shape that does not fit its data is not written", () => {
    const wrong = { tensors: { x: { shape: [3], data: Float32Array.of(1, 2) } }, metadata: {} };
    expect(() => encodeSafetensors(wrong)).toThrow('safetensors: "x": shape [3] has 3 elements, the data 2');
  });
});
