import { NeuralSdfError } from '../errors.js';
import plain from './generated/plain.js';
import relaxed from './generated/relaxed.js';

const PAGE_BYTES = 65536;
/** As build.mjs declares it: all that 32 bits address. */
const MAXIMUM_PAGES = 65536;

/** What kernels/index.ts exports; every argument is an address, a count or a factor. */
export interface Kernels {
  packWeights(plan: number): void;
  foldGroups(plan: number): void;
  gatherCodes(plan: number): void;
  runStep(plan: number, thread: number): void;
  boundLatents(plan: number, bound: number): void;
  usePairs(): void;
  evaluatePoints(plan: number, points: number, count: number, out: number, gradients: number): void;
  multiply(
    weights: number,
    blocks: number,
    depth: number,
    panels: number,
    stride: number,
    panelCount: number,
    out: number,
    outStride: number,
    outBlockStride: number,
    mode: number,
    aux: number,
    auxStride: number,
  ): void;
}

/** 'relaxed' fuses multiply and add: faster by a quarter, and rounded otherwise, so that a run stays on the variant it began with. */
export type KernelVariant = 'plain' | 'relaxed';

export interface KernelModule {
  readonly variant: KernelVariant;
  readonly module: WebAssembly.Module;
  /** Whether each instance is to be told to `usePairs`. */
  readonly pairs: boolean;
}

const compiled = new Map<string, Promise<KernelModule>>();

/**
 * The kernels, compiled once for each variant.
 * @param options.shared for a memory that threads share
 * @param options.variant default: relaxed where the machine takes it
 * @throws NeuralSdfError BACKEND_UNAVAILABLE without WebAssembly SIMD
 */
export function loadKernels(options: { shared?: boolean; variant?: KernelVariant } = {}): Promise<KernelModule> {
  const shared = options.shared ?? false;
  const fastest = relaxedWorks() ? 'relaxed' : 'plain';
  const variant = options.variant ?? fastest;
  const key = `${variant} ${shared}`;
  let promise = compiled.get(key);
  if (!promise) {
    promise = compile(variant, shared);
    compiled.set(key, promise);
  }
  return promise;
}

async function compile(variant: KernelVariant, shared: boolean): Promise<KernelModule> {
  const bytes = decode(variant === 'relaxed' ? relaxed : plain);
  if (shared) bytes[memoryFlagsAt(bytes)] |= SHARED_FLAG;
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) {
    throw new NeuralSdfError('BACKEND_UNAVAILABLE', `this engine has no WebAssembly SIMD (${variant}${shared ? ', shared memory' : ''})`, {
      variant,
      shared,
    });
  }
  return { variant, module: await WebAssembly.compile(bytes), pairs: revectorized() };
}

/**
 * A memory of at least `bytes` that may grow by `room`. Not by more: some machines set the most it may become aside at once.
 * @throws NeuralSdfError BACKEND_UNAVAILABLE when the machine does not give that much
 */
export function createMemory(bytes: number, room: number, shared: boolean): WebAssembly.Memory {
  try {
    const initial = Math.ceil(bytes / PAGE_BYTES);
    return new WebAssembly.Memory({ initial, maximum: Math.min(MAXIMUM_PAGES, initial + Math.ceil(room / PAGE_BYTES)), shared });
  } catch (cause) {
    throw new NeuralSdfError('BACKEND_UNAVAILABLE', `wasm: no memory of ${Math.ceil(bytes / 2 ** 20)} MiB to be had`, { bytes }, { cause });
  }
}

/** Makes a memory at least `bytes` long; views made before may be detached. @throws NeuralSdfError BACKEND_UNAVAILABLE */
export function growMemory(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    throw new NeuralSdfError('BACKEND_UNAVAILABLE', `wasm: memory cannot grow to ${Math.ceil(bytes / 2 ** 20)} MiB`, { bytes }, { cause });
  }
}

/** The kernels over one memory. */
export function instantiateKernels({ module, pairs }: KernelModule, memory: WebAssembly.Memory): Kernels {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  if (pairs) kernels.usePairs();
  return kernels;
}

/**
 * Whether Node was told to make 256-bit instructions of pairs of 128-bit ones (it can from version 24 on, on x86 with AVX2). That is for
 * the user to say, as V8 calls it experimental, and it holds for all WebAssembly in the process.
 */
function revectorized(): boolean {
  return typeof process !== 'undefined' && (process.execArgv ?? []).includes('--experimental-wasm-revectorize');
}

let relaxedAnswer: boolean | undefined;

/** Node 20 has the relaxed instructions behind a flag that may be set at run time; Node 22, and Chrome from 114 on, have them without. */
function relaxedWorks(): boolean {
  if (relaxedAnswer === undefined) {
    const bytes = decode(relaxed);
    relaxedAnswer = WebAssembly.validate(bytes);
    if (!relaxedAnswer && typeof process !== 'undefined' && typeof process.getBuiltinModule === 'function') {
      process.getBuiltinModule('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd');
      relaxedAnswer = WebAssembly.validate(bytes);
    }
  }
  return relaxedAnswer;
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** In the limits of a memory: bit 0, a maximum follows; bit 1, shared. */
const SHARED_FLAG = 2;

/** A memory is imported as shared or not, and nothing else in the binary differs: one byte, behind the import's two names and its kind. */
function memoryFlagsAt(bytes: Uint8Array): number {
  const name = [3, ...new TextEncoder().encode('env'), 6, ...new TextEncoder().encode('memory'), 2];
  return bytes.findIndex((_, i) => name.every((byte, j) => bytes[i + j] === byte)) + name.length;
}
