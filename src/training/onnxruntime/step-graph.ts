import { type DecoderSpec, encodedPointLength, planLayers } from '../../decoder/spec.js';
import { OnnxGraph } from './onnx-graph.js';

/*
 * Forward and backward pass over samples of ONE shape, with the latent code folded into the biases, as one ONNX graph. Everything as large as
 * the samples is in it; what is only as large as the parameters (weight norm, latent columns, Adam) is left to JavaScript.
 *   inputs   points [n, encoded point], target, low, high [n, 1], share [1]: what a sample's loss is multiplied by
 *            per layer: weight i [outputs, hidden + point], bias i [outputs], as in FoldedDecoder
 *   outputs  loss [1]: sum of share * loss;   per layer: d loss / d weight i, d loss / d bias i
 */
export const weightName = (layer: number) => `weight ${layer}`;
export const biasName = (layer: number) => `bias ${layer}`;
export const gradientOf = (name: string) => `gradient of ${name}`;

interface LayerTrace {
  /** Names of the two inputs of the layer, with their columns of the weight; undefined where the layer has no such input. */
  readonly hidden?: { input: string; weight: string };
  readonly point?: { input: string; weight: string };
  readonly output: string;
}

/** A ModelProto. The decoder has ReLU, and no layer norm. */
export function stepGraph(spec: DecoderSpec): Uint8Array {
  const graph = new OnnxGraph();
  const pointLength = encodedPointLength(spec);
  const points = graph.input('points', [-1, pointLength]);
  const traces = forward(graph, spec, points);
  let upstream = head(graph, spec, traces[traces.length - 1].output);
  const plans = planLayers(spec);
  for (let layer = plans.length - 1; layer >= 0; layer--) {
    const { hidden, point, output } = traces[layer];
    const { outputs, activation } = plans[layer];
    // An activated output is positive exactly where its derivative is 1.
    const delta = activation === 'relu' ? graph.add('Mul', [upstream, graph.add('Sign', [output])]) : upstream;
    const parts = [hidden, point].flatMap((part) => (part ? [graph.add('Gemm', [delta, part.input], { transA: 1 })] : []));
    const gradient = parts.length === 2 ? graph.add('Concat', parts, { axis: 1 }) : parts[0];
    const width = plans[layer].hidden + (plans[layer].point ? pointLength : 0);
    graph.output(gradientOf(weightName(layer)), gradient, [outputs, width]);
    graph.output(gradientOf(biasName(layer)), graph.add('ReduceSum', [delta, graph.integers([0])], { keepdims: 0 }), [outputs]);
    if (hidden) upstream = graph.add('Gemm', [delta, hidden.weight]);
  }
  return graph.serialize();
}

function forward(graph: OnnxGraph, spec: DecoderSpec, points: string): LayerTrace[] {
  const pointLength = encodedPointLength(spec);
  const traces: LayerTrace[] = [];
  for (const [layer, plan] of planLayers(spec).entries()) {
    const width = plan.hidden + (plan.point ? pointLength : 0);
    const weight = graph.input(weightName(layer), [plan.outputs, width]);
    const bias = graph.input(biasName(layer), [plan.outputs]);
    const both = plan.hidden > 0 && plan.point;
    const [first, second] = both
      ? graph.addMany('Split', [weight, graph.integers([plan.hidden, pointLength])], 2, { axis: 1 })
      : [weight, weight];
    const hidden = plan.hidden > 0 ? { input: traces[layer - 1].output, weight: first } : undefined;
    const point = plan.point ? { input: points, weight: second } : undefined;
    let sum = bias;
    for (const part of [point, hidden]) if (part) sum = graph.add('Gemm', [part.input, part.weight, sum], { transB: 1 });
    traces.push({ hidden, point, output: plan.activation === 'relu' ? graph.add('Relu', [sum]) : sum });
  }
  return traces;
}

/** The loss as in ../loss.ts. @returns name of d loss / d the last layer's sums */
function head(graph: OnnxGraph, spec: DecoderSpec, linear: string): string {
  const column = (name: string) => graph.input(name, [-1, 1]);
  const [target, low, high] = ['target', 'low', 'high'].map(column);
  const share = graph.input('share', [1]);
  const inner = spec.innerTanh ? graph.add('Tanh', [linear]) : linear;
  const predicted = spec.outputTanh ? graph.add('Tanh', [inner]) : inner;
  const bounded = graph.add('Min', [graph.add('Max', [predicted, low]), high]);
  const residual = graph.add('Sub', [bounded, target]);
  const loss = graph.add('ReduceSum', [graph.add('Abs', [residual])], { keepdims: 0 });
  graph.output('loss', graph.add('Mul', [loss, share]), [1]);
  const inside = graph.add('Cast', [graph.add('Equal', [bounded, predicted])], { to: 1 });
  let gradient = graph.add('Mul', [graph.add('Mul', [graph.add('Sign', [residual]), inside]), share]);
  const through = (tanh: string) => {
    gradient = graph.add('Mul', [gradient, graph.add('Sub', [graph.scalar(1), graph.add('Mul', [tanh, tanh])])]);
  };
  if (spec.outputTanh) through(predicted);
  if (spec.innerTanh) through(inner);
  return gradient;
}
