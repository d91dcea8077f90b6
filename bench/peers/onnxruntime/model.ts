/** An ONNX file by hand: protobuf is tag, length, bytes. Field numbers are those of onnx.proto3. */

const FLOAT = 1;
const [IR_VERSION, OPSET] = [8, 17];

/** c = a · b, all `[n, n]` f32. */
export function multiplyModel(n: number): Uint8Array {
  const node = [...text(1, "a"), ...text(1, "b"), ...text(2, "c"), ...text(4, "MatMul")];
  const graph = [
    ...part(1, node),
    ...text(2, "multiply"),
    ...part(11, square("a", n)),
    ...part(11, square("b", n)),
    ...part(12, square("c", n)),
  ];
  return Uint8Array.from([...int(1, IR_VERSION), ...part(7, graph), ...part(8, int(2, OPSET))]);
}

/** ValueInfoProto: a name and the type of a tensor. */
function square(name: string, n: number): number[] {
  const side = part(1, int(1, n));
  const tensor = [...int(1, FLOAT), ...part(2, [...side, ...side])];
  return [...text(1, name), ...part(2, part(1, tensor))];
}

const int = (field: number, value: number): number[] => [...varint(field << 3), ...varint(value)];
const part = (field: number, bytes: readonly number[]): number[] => [...varint((field << 3) | 2), ...varint(bytes.length), ...bytes];
const text = (field: number, value: string): number[] => part(field, [...Buffer.from(value)]);

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
