import { PbfWriter } from 'pbf';

/** -1 stands for the number of rows, which changes from run to run. */
export type OnnxShape = readonly number[];

interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers. */
  readonly attributes: Readonly<Record<string, number>>;
}

interface Value {
  readonly name: string;
  readonly shape: OnnxShape;
}

interface Constant extends Value {
  readonly values: readonly number[];
  readonly integer: boolean;
}

const FLOAT = 1;
const INT64 = 7;
/** Of the standard, and the format's version of that time. */
const OPERATOR_SET = 13;
const FORMAT_VERSION = 8;

/** An ONNX graph over float32 tensors, put together operator by operator (onnx.ai's `onnx.proto` has the fields' numbers). */
export class OnnxGraph {
  private readonly _nodes: Node[] = [];
  private readonly _inputs: Value[] = [];
  private readonly _outputs: Value[] = [];
  private readonly _constants: Constant[] = [];

  /** @returns the name */
  input(name: string, shape: OnnxShape): string {
    this._inputs.push({ name, shape });
    return name;
  }

  /** Names what `value` computes as one of the graph's answers. */
  output(name: string, value: string, shape: OnnxShape): void {
    this._nodes.push({ operator: 'Identity', inputs: [value], outputs: [name], attributes: {} });
    this._outputs.push({ name, shape });
  }

  scalar(value: number): string {
    return this._constant([], [value], false);
  }

  integers(values: readonly number[]): string {
    return this._constant([values.length], values, true);
  }

  /** @returns the name of what the operator computes */
  add(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, number>> = {}): string {
    return this.addMany(operator, inputs, 1, attributes)[0];
  }

  /** An operator with several answers. */
  addMany(operator: string, inputs: readonly string[], count: number, attributes: Readonly<Record<string, number>> = {}): string[] {
    const outputs = Array.from({ length: count }, (_, i) => `${operator}${this._nodes.length}_${i}`);
    this._nodes.push({ operator, inputs, outputs, attributes });
    return outputs;
  }

  /** As a ModelProto. */
  serialize(): Uint8Array {
    const writer = new PbfWriter();
    writer.writeVarintField(1, FORMAT_VERSION);
    writer.writeMessage(7, writeGraph, { nodes: this._nodes, inputs: this._inputs, outputs: this._outputs, constants: this._constants });
    writer.writeMessage(8, (version: number, to: PbfWriter) => to.writeVarintField(2, version), OPERATOR_SET);
    return writer.finish();
  }

  private _constant(shape: OnnxShape, values: readonly number[], integer: boolean): string {
    const name = `constant${this._constants.length}`;
    this._constants.push({ name, shape, values, integer });
    return name;
  }
}

/** GraphProto */
function writeGraph(
  graph: { nodes: readonly Node[]; inputs: readonly Value[]; outputs: readonly Value[]; constants: readonly Constant[] },
  to: PbfWriter,
): void {
  for (const node of graph.nodes) to.writeMessage(1, writeNode, node);
  to.writeStringField(2, 'step');
  for (const constant of graph.constants) to.writeMessage(5, writeConstant, constant);
  for (const input of graph.inputs) to.writeMessage(11, writeValue, input);
  for (const output of graph.outputs) to.writeMessage(12, writeValue, output);
}

/** NodeProto */
function writeNode({ operator, inputs, outputs, attributes }: Node, to: PbfWriter): void {
  for (const input of inputs) to.writeStringField(1, input);
  for (const output of outputs) to.writeStringField(2, output);
  to.writeStringField(4, operator);
  for (const attribute of Object.entries(attributes)) to.writeMessage(5, writeAttribute, attribute);
}

/** AttributeProto of an integer */
function writeAttribute([name, value]: [string, number], to: PbfWriter): void {
  to.writeStringField(1, name);
  to.writeVarintField(3, value);
  to.writeVarintField(20, 2);
}

/** TensorProto */
function writeConstant({ name, shape, values, integer }: Constant, to: PbfWriter): void {
  for (const length of shape) to.writeVarintField(1, length);
  to.writeVarintField(2, integer ? INT64 : FLOAT);
  if (integer) to.writePackedVarint(7, [...values]);
  else to.writePackedFloat(4, [...values]);
  to.writeStringField(8, name);
}

/** ValueInfoProto with its TypeProto.Tensor */
function writeValue({ name, shape }: Value, to: PbfWriter): void {
  to.writeStringField(1, name);
  to.writeMessage(
    2,
    (_: unknown, type: PbfWriter) =>
      type.writeMessage(
        1,
        (__: unknown, tensor: PbfWriter) => {
          tensor.writeVarintField(1, FLOAT);
          tensor.writeMessage(2, writeShape, shape);
        },
        undefined,
      ),
    undefined,
  );
}

/** TensorShapeProto */
function writeShape(shape: OnnxShape, to: PbfWriter): void {
  for (const length of shape) {
    to.writeMessage(
      1,
      (_: unknown, dimension: PbfWriter) => (length < 0 ? dimension.writeStringField(2, 'rows') : dimension.writeVarintField(1, length)),
      undefined,
    );
  }
}
