/** Declared types → what a parameter is made of: shapes and dtypes, by structure, whatever aliases they come through. */
import { ts } from "ts-morph";
import { canonicalDim, upperBound } from "../../dsl/dim.ts";
import type { Dim, DType } from "../../dsl/types.ts";
import { isOpen, tensorSpec, unnamed } from "../graph.ts";
import { type Message, messages } from "./diagnostic.ts";
import { refuse } from "./place.ts";
import type { Reading } from "./scope.ts";

const Flags = ts.TypeFlags;

/** Where in a parameter a type stands: what to say of it, and what to point at. */
interface Place {
  readonly path: string;
  readonly node: ts.Node;
  readonly reading: Reading;
}

/** The tree of `tensorSpec(…)`, `"number"` and null that a parameter's type describes. */
function specOf(type: ts.Type, place: Place): unknown {
  const { checker } = place.reading;
  const { flags } = type;
  const shown = checker.typeToString(type);
  if (flags & (Flags.Any | Flags.Unknown | Flags.Never)) return stop(place, messages.noType(place.path, shown));
  if (flags & Flags.Null) return null;
  if (flags & Flags.Number) return "number";
  if (flags & (Flags.StringLike | Flags.BooleanLike | Flags.NumberLike | Flags.BigIntLike | Flags.ESSymbolLike | Flags.VoidLike))
    return stop(place, messages.staticType(place.path, shown));
  if (flags & Flags.Union) return stop(place, messages.unionType(place.path, shown));
  if (flags & (Flags.TypeParameter | Flags.IndexedAccess | Flags.Conditional | Flags.Index | Flags.Substitution))
    return stop(place, messages.genericType(place.path, shown));
  if (isTensorType(type)) return tensorOf(type, place);
  if (checker.isTupleType(type)) return tupleOf(type as ts.TupleTypeReference, place);
  if (checker.isArrayType(type)) return stop(place, messages.arrayOfTensors(place.path, shown));
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0)
    return stop(place, messages.staticType(place.path, shown));
  if (checker.getIndexInfosOfType(type).length > 0) return stop(place, messages.arrayOfTensors(place.path, shown));
  return Object.fromEntries(checker.getPropertiesOfType(type).map((field) => [field.name, fieldOf(field, place)]));
}

const stop = ({ node }: Place, message: Message): never => refuse(node, message);

function fieldOf(field: ts.Symbol, { path, node, reading }: Place): unknown {
  const { checker, userFiles } = reading;
  const declared = field.valueDeclaration ?? field.declarations?.[0];
  const place = {
    path: `${path}.${field.name}`,
    node: declared && userFiles.has(declared.getSourceFile()) ? declared : node,
    reading,
  };
  if (field.flags & ts.SymbolFlags.Optional) return stop(place, messages.optionalParameter(place.path));
  return specOf(checker.getTypeOfSymbolAtLocation(field, node), place);
}

function tupleOf(type: ts.TupleTypeReference, place: Place): unknown[] {
  const { checker } = place.reading;
  if (type.target.elementFlags.some((flag) => flag & ts.ElementFlags.Variable))
    return stop(place, messages.arrayOfTensors(place.path, checker.typeToString(type)));
  if (type.target.elementFlags.some((flag) => flag & ts.ElementFlags.Optional)) return stop(place, messages.optionalParameter(place.path));
  return checker.getTypeArguments(type).map((item, i) => specOf(item, { ...place, path: `${place.path}[${i}]` }));
}

const isTensorType = (type: ts.Type): boolean => ["shape", "dtype", "data"].every((name) => type.getProperty(name));

function tensorOf(type: ts.Type, place: Place): unknown {
  const part = (name: string): ts.Type => place.reading.checker.getTypeOfSymbolAtLocation(type.getProperty(name) as ts.Symbol, place.node);
  return tensorSpec(shapeOf(part("shape"), place), dtypeOf(part("dtype"), place));
}

function shapeOf(shape: ts.Type, place: Place): Dim[] {
  const { checker } = place.reading;
  if (shape.flags & (Flags.TypeParameter | Flags.Conditional))
    return stop(place, messages.genericType(place.path, checker.typeToString(shape)));
  if (!checker.isTupleType(shape)) return stop(place, messages.unknownRank(place.path));
  const tuple = shape as ts.TupleTypeReference;
  if (tuple.target.elementFlags.some((flag) => flag !== ts.ElementFlags.Required)) return stop(place, messages.unknownRank(place.path));
  return checker.getTypeArguments(tuple).map((size) => sizeOf(size, place));
}

function sizeOf(size: ts.Type, place: Place): Dim {
  const { path, reading } = place;
  const shown = reading.checker.typeToString(size);
  if (size.isUnion()) return stop(place, messages.unionType(`a size of ${path}`, shown));
  if (size.flags & (Flags.TypeParameter | Flags.IndexedAccess | Flags.Conditional)) return stop(place, messages.genericType(path, shown));
  if (size.isStringLiteral() && size.value.startsWith("...")) return stop(place, messages.unknownRank(path));
  if (size.isNumberLiteral() && (!Number.isSafeInteger(size.value) || size.value < 0))
    return stop(place, messages.badSize(path, `${shown} is not a whole number`));
  if (size.flags & Flags.Number) return unnamed;
  if (!size.isNumberLiteral() && !size.isStringLiteral()) return stop(place, messages.unknownSize(path, shown));
  if (size.isStringLiteral() && isOpen(size.value)) return stop(place, messages.badSize(path, `${shown} has a dot in it`));
  let canonical: Dim;
  try {
    canonical = canonicalDim(size.value);
  } catch (error) {
    return stop(place, messages.badSize(path, (error as Error).message.replace(/^dim: /, "")));
  }
  if (canonical !== 0 && upperBound(canonical) === 0) return stop(place, messages.badSize(path, `${shown} is never a size`));
  return canonical;
}

function dtypeOf(dtype: ts.Type, place: Place): DType {
  if (dtype.isStringLiteral()) return dtype.value as DType;
  const shown = place.reading.checker.typeToString(dtype);
  return stop(place, dtype.isUnion() ? messages.unionType(`${place.path}.dtype`, shown) : messages.genericType(place.path, shown));
}

export interface ParameterSpec {
  readonly name: string;
  readonly specs: unknown;
}

/** The parameters of an exported model as they were written: their names and what they are made of. */
export function declaredParameters(parameters: readonly ts.ParameterDeclaration[], reading: Reading): ParameterSpec[] {
  return parameters.map((parameter, i) => {
    const { name, dotDotDotToken, questionToken, initializer } = parameter;
    const path = ts.isIdentifier(name) ? name.text : `arg${i}`;
    if (dotDotDotToken || questionToken || initializer) refuse(parameter, messages.optionalParameter(path));
    return { name: path, specs: specOf(reading.checker.getTypeAtLocation(parameter), { path, node: parameter, reading }) };
  });
}

/** The same of a model that is no function of the user's (`grad(loss)`), from its type `Model<P, R>`. */
export function typedParameters(model: ts.TypeReference, node: ts.Node, reading: Reading): ParameterSpec[] {
  const [tuple] = reading.checker.getTypeArguments(model);
  if (!tuple || !reading.checker.isTupleType(tuple))
    return refuse(node, messages.noType(node.getText(), reading.checker.typeToString(model)));
  const { target } = tuple as ts.TupleTypeReference;
  return tupleOf(tuple as ts.TupleTypeReference, { path: node.getText(), node, reading }).map((specs, i) => {
    const label = target.labeledElementDeclarations?.[i]?.name;
    return { name: label && ts.isIdentifier(label) ? label.text : `arg${i}`, specs };
  });
}
