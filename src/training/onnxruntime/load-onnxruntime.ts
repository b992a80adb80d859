import { NeuralSdfError } from '../../errors.js';

/** What we use of the package onnxruntime-node, which a user may have installed: 288 MB, so that it is no dependency. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: OnnxSessionOptions): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor;
}

export interface OnnxSessionOptions {
  readonly intraOpNumThreads: number;
  readonly extra: { readonly session: Readonly<Record<string, string>> };
}

/** How sessions are opened. */
export function sessionOptions(threads: number): OnnxSessionOptions {
  const session = {
    // Dead units drive parameters into denormals, which are 50 times as slow.
    set_denormal_as_zero: '1',
    // Beside other work, threads that wait in a loop made two threads slower than one (26,000 samples/s; 89,000 and more so).
    'intra_op.allow_spinning': '0',
  };
  return { intraOpNumThreads: threads, extra: { session } };
}

export interface OnnxTensor {
  readonly data: unknown;
}

export interface OnnxSession {
  run(inputs: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

/**
 * The package, where Node finds it: beside this one, or in a folder of NODE_PATH.
 * @throws NeuralSdfError BACKEND_UNAVAILABLE
 */
export function loadOnnxRuntime(): OnnxRuntime {
  // Node's modules are asked for at run time, so that a bundle for browsers does not look for them.
  const node = typeof process !== 'undefined' ? process.getBuiltinModule?.('node:module') : undefined;
  if (!node) throw new NeuralSdfError('BACKEND_UNAVAILABLE', 'onnxruntime-node needs Node', { backend: 'onnxruntime' });
  try {
    return node.createRequire(import.meta.url)('onnxruntime-node') as OnnxRuntime;
  } catch (cause) {
    const missing = (cause as { code?: string }).code === 'MODULE_NOT_FOUND';
    const message = missing
      ? 'onnxruntime-node is not installed (npm install onnxruntime-node --ignore-scripts)'
      : `onnxruntime-node cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new NeuralSdfError('BACKEND_UNAVAILABLE', message, { backend: 'onnxruntime' }, { cause });
  }
}
