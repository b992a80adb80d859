/** Off the page's thread: meshes to samples, training on our WebAssembly kernels, scoring. Messages are those of protocol.ts. */
import { cleanMesh, inspectMesh } from '../../src/dataset/inspect-mesh.js';
import { normalizeMesh } from '../../src/dataset/normalize-mesh.js';
import { orientMesh } from '../../src/dataset/orient-mesh.js';
import { readMesh } from '../../src/dataset/read-mesh.js';
import { sampleShape } from '../../src/dataset/sample-shape.js';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import type { ShapeSamples } from '../../src/dataset/samples.js';
import { SignedDistanceQuery } from '../../src/dataset/signed-distance.js';
import { assembleAsset } from '../../src/evaluation/assemble-asset.js';
import { Random } from '../../src/random.js';
import { engineSettings } from '../../src/training/settings.js';
import { decoderOfState, latentsOfState } from '../../src/training/state.js';
import { trainAutoDecoder } from '../../src/training/train.js';
import { trainedShapes } from '../../src/training/trained-shapes.js';
import { createWasmEngine } from '../../src/training/wasm/wasm-engine.js';
import type { Answer, MeshSource, PreparedShape, Request, Results, TrainingJob } from './protocol.js';

/** Enough for a decoder of this size; drawn in a fifth of a second. */
const SAMPLES = 100_000;
/** How often the page sees new weights, seconds. */
const SNAPSHOT_INTERVAL = 0.25;

let stop = new AbortController();

const post = (answer: Answer): void => postMessage(answer);

const handlers: { [K in Request['kind']]: (request: Extract<Request, { kind: K }>) => Promise<Results[K]> } = {
  prepare: async ({ sources }) => Promise.all(sources.map(prepare)),
  train: ({ job, samples }) => train(job, samples),
  stop: async () => {
    stop.abort();
    return undefined;
  },
  assemble: ({ job, state, shapes }) => assemble(job, state, shapes),
};

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  try {
    const handler = handlers[data.kind] as (request: Request) => Promise<unknown>;
    post({ kind: 'result', of: data.kind, value: await handler(data) });
  } catch (error) {
    post({ kind: 'error', of: data.kind, message: error instanceof Error ? error.message : String(error) });
  }
});

async function prepare({ name, content }: MeshSource): Promise<PreparedShape> {
  const warnings: string[] = [];
  const read = content instanceof Uint8Array ? await readMesh(content, name) : content;
  const { watertight, boundaryEdges } = inspectMesh(read);
  if (!watertight) warnings.push(`${name} is not closed (${boundaryEdges} open edges): what is inside is a guess there`);
  const { mesh } = normalizeMesh(orientMesh(cleanMesh(read).mesh).mesh);
  const query = new SignedDistanceQuery(mesh);
  const samples: ShapeSamples = { name, ...sampleShape(query, mesh, { count: SAMPLES }, new Random(1)) };
  return { name: name.replace(/\.[^.]+$/, ''), mesh, samples, warnings };
}

async function train(job: TrainingJob, samples: readonly ShapeSamples[]): Promise<Results['train']> {
  stop = new AbortController();
  const settings = engineSettings(job.spec, job.settings, samples.length);
  // Threads need an isolated page; one leaves the processor to the picture, where a processor draws it.
  const threads = globalThis.crossOriginIsolated ? Math.max(1, navigator.hardwareConcurrency - 2) : 1;
  const engine = await createWasmEngine(settings, { threads });
  try {
    const { state } = await trainAutoDecoder({
      ...job,
      samples,
      engine,
      timeBudgetSeconds: job.seconds,
      signal: stop.signal,
      checkpoint: {
        everySeconds: SNAPSHOT_INTERVAL,
        save: async ({ state }) =>
          post({ kind: 'snapshot', snapshot: { decoder: decoderOfState(settings, state), latents: latentsOfState(settings, state) } }),
      },
      onProgress: (progress) => post({ kind: 'progress', progress, engine: engine.description }),
    });
    return state;
  } finally {
    engine.dispose();
  }
}

async function assemble(job: TrainingJob, state: Results['train'], shapes: readonly PreparedShape[]): Promise<Results['assemble']> {
  const settings = engineSettings(job.spec, job.settings, shapes.length);
  const surfaces = shapes.map(({ mesh }) => sampleSurface(mesh, 30_000, new Random(job.seed)).points);
  const { asset, figures } = await assembleAsset(trainedShapes(settings, state, shapes), surfaces, {
    evaluationResolution: 96,
    bakeResolution: 64,
    stepScaleResolution: 64,
    baked: [...shapes.keys()],
    emptyShapes: 'keep',
    seed: job.seed,
  });
  return { shapes: asset, chamferX1000: figures.map(({ chamferX1000 }) => chamferX1000) };
}
