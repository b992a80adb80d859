import type { FoldedDecoder } from '../../decoder/folding.js';
import { vectors } from '../bake-product.js';
import { TILE_DEPTH, type Tile } from '../matrix/tile.js';

/** Numbers of a layer's uniform. */
const LAYER_NUMBERS = 9;

/** One layer as the kernels see it. */
export interface LayerRecord {
  readonly depth: number;
  readonly hidden: number;
  readonly point: number;
  readonly outputs: number;
  readonly weightAt: number;
  readonly outputStride: number;
  readonly biasAt: number;
  readonly gainAt: number;
  readonly hasLayerNorm: boolean;
}

export const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** A decoder's layers for products of matrices. */
export interface PackedLayers {
  readonly layers: readonly LayerRecord[];
  readonly weights: Float32Array<ArrayBuffer>;
  /** Gains and shifts of layer norms. */
  readonly gains: Float32Array<ArrayBuffer>;
}

/** Weights of hidden layers transposed, [depth, outputStride], of the output layer as they are; zeros in all padding. */
export function packLayers(folded: FoldedDecoder, tile: Tile): PackedLayers {
  const records: LayerRecord[] = [];
  let [weightAt, biasAt, gainAt] = [0, 0, 0];
  for (const layer of folded.layers) {
    const { hidden, point, outputs, layerNorm } = layer;
    const depth = roundUp(hidden + point, TILE_DEPTH);
    const outputStride = layer.activation === 'linear' ? 1 : roundUp(outputs, tile.columns);
    records.push({ depth, hidden, point, outputs, weightAt, outputStride, biasAt, gainAt, hasLayerNorm: layerNorm !== undefined });
    weightAt += depth * outputStride;
    biasAt += vectors(outputs);
    if (layerNorm) gainAt += 2 * vectors(outputs);
  }
  const weights = new Float32Array(weightAt);
  const gains = new Float32Array(4 * gainAt);
  folded.layers.forEach(({ weight, layerNorm, hidden, point, outputs }, i) => {
    const record = records[i];
    const width = hidden + point;
    for (let row = 0; row < outputs; row++) {
      for (let column = 0; column < width; column++) {
        weights[record.weightAt + column * record.outputStride + row] = weight[row * width + column];
      }
    }
    if (!layerNorm) return;
    gains.set(layerNorm.gain, 4 * record.gainAt);
    gains.set(layerNorm.shift, 4 * (record.gainAt + vectors(outputs)));
  });
  return { layers: records, weights, gains };
}

/** As shaders/bricks/kernel.wgsl reads it. */
export function uniformOf(layer: LayerRecord): Uint32Array<ArrayBuffer> {
  const { depth, hidden, point, outputs, weightAt, outputStride, biasAt, gainAt, hasLayerNorm } = layer;
  const numbers = [depth, hidden, point, outputs, weightAt, outputStride, biasAt, gainAt, Number(hasLayerNorm)];
  const uniform = new Uint32Array(roundUp(LAYER_NUMBERS, 4));
  uniform.set(numbers);
  return uniform;
}
