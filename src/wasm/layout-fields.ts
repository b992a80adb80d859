/** Fields of kernels/layout.ts, in its order; each is 4 bytes. */
const LAYER_FIELDS = [
  'hidden',
  'point',
  'depth',
  'pointRow',
  'hiddenRow',
  'rows',
  'outputs',
  'columns',
  'latent',
  'activation',
  'shaped',
  'kinks',
  'normalized',
  'layerNorm',
  'dropped',
  'dropoutKey',
  'biasOffset',
  'gainSums',
  'shiftSums',
  'weights',
  'transposed',
  'transposedPoint',
  'latentWeights',
  'input',
  'slopes',
  'standardized',
  'gradient',
  'v',
  'g',
  'bias',
  'gain',
  'shift',
] as const;

const PLAN_FIELDS = [
  'layers',
  'layerCount',
  'octaves',
  'encodedLength',
  'activationScale',
  'innerTanh',
  'outputTanh',
  'codeLength',
  'codeStride',
  'biasStride',
  'sumStride',
  'shapeCount',
  'parameters',
  'gradients',
  'firstMoments',
  'secondMoments',
  'latents',
  'parameterBytes',
  'workspaces',
  'workspaceStride',
  'output',
  'deltaA',
  'deltaB',
  'transposedInput',
  'transposedDelta',
  'encodedGradient',
  'scratch',
  'counters',
  'mayBlock',
  'squares',
  'sliceGradients',
  'sliceGradientStride',
  'slices',
  'groups',
  'samplesPerShape',
  'distanceRows',
  'tilesPerGroup',
  'tileSamples',
  'tiles',
  'shapes',
  'codes',
  'codeFactors',
  'droppedCodes',
  'biases',
  'tileSums',
  'tileLosses',
  'points',
  'distances',
  'saturatedLoss',
  'delta',
  'dropoutFactor',
  'dropoutThreshold',
  'stencilStep',
  'eikonalScale',
  'regularization',
  'gradientClip',
  'decoderRate',
  'latentRate',
  'rootScale',
  'beta1',
  'beta2',
  'epsilon',
  'rest1',
  'rest2',
] as const;

/** Those of the plan that are floats. */
const FLOATS: ReadonlySet<string> = new Set([
  'activationScale',
  'delta',
  'dropoutFactor',
  'stencilStep',
  'eikonalScale',
  'regularization',
  'gradientClip',
  'decoderRate',
  'latentRate',
  'rootScale',
  'beta1',
  'beta2',
  'epsilon',
  'rest1',
  'rest2',
] satisfies (keyof PlanRecord)[]);

export type LayerRecord = Record<(typeof LAYER_FIELDS)[number], number>;
export type PlanRecord = Record<(typeof PLAN_FIELDS)[number], number>;

export const LAYER_BYTES = LAYER_FIELDS.length * 4;
export const PLAN_BYTES = PLAN_FIELDS.length * 4;

export function emptyLayer(): LayerRecord {
  return Object.fromEntries(LAYER_FIELDS.map((field) => [field, 0])) as LayerRecord;
}

export function emptyPlan(): PlanRecord {
  return Object.fromEntries(PLAN_FIELDS.map((field) => [field, 0])) as PlanRecord;
}

/** Writes both structures where the kernels read them. @param address of the plan */
export function writeRecords(memory: WebAssembly.Memory, address: number, plan: PlanRecord, layers: readonly LayerRecord[]): void {
  const view = new DataView(memory.buffer);
  PLAN_FIELDS.forEach((field, i) => {
    if (FLOATS.has(field)) view.setFloat32(address + 4 * i, plan[field], true);
    else view.setUint32(address + 4 * i, plan[field], true);
  });
  layers.forEach((layer, index) => {
    LAYER_FIELDS.forEach((field, i) => {
      view.setUint32(plan.layers + index * LAYER_BYTES + 4 * i, layer[field], true);
    });
  });
}
