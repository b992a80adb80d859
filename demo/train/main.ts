import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.js';
import { CreateTorusKnotVertexData } from '@babylonjs/core/Meshes/Builders/torusKnotBuilder.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { readShapes } from '../../src/asset/read-shapes.js';
import { writeShapes } from '../../src/asset/write-shapes.js';
import { MESH_FORMATS } from '../../src/dataset/read-mesh.js';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { Random } from '../../src/random.js';
import type { TrainingState } from '../../src/training/engine.js';
import { acceptFiles } from '../drop.js';
import { createGraphics, type Graphics } from '../engine.js';
import { FramePacing } from '../frame-pacing.js';
import { hideLoading, showError, showLoading, showNotice } from '../messages.js';
import { Studio } from '../studio.js';
import { Exhibit } from './exhibit.js';
import { LossCurve } from './loss-curve.js';
import { trainInPage } from './page-trainer.js';
import { TrainPanel } from './panel.js';
import type { MeshSource, PreparedShape, Results, TrainingJob } from './protocol.js';
import { WorkerClient } from './worker-client.js';

/** Meshes for whoever has none at hand. */
const EXAMPLES: Readonly<Record<string, () => Promise<MeshSource[]>>> = {
  'torus knot': async () => {
    const { positions, indices } = CreateTorusKnotVertexData({ radius: 0.6, tube: 0.19, radialSegments: 160, tubularSegments: 32 });
    return [{ name: 'torus knot', content: { positions: Float32Array.from(positions!), triangles: Uint32Array.from(indices!) } }];
  },
  'a chair': async () => (await chairs()).slice(0, 1),
  'two chairs': async () => (await chairs()).slice(1, 3),
};
const HINT = `Drop one or more meshes here (${MESH_FORMATS.map((format) => `.${format}`).join(', ')}), or take an example, and train.`;

/** What the browser test sees of the page. */
export interface TrainHook {
  readonly ready: Promise<void>;
  state: 'empty' | 'ready' | 'training' | 'scoring' | 'trained';
  /** New weights that were shown. */
  snapshots: number;
  chamferX1000: readonly number[];
  readonly traced: boolean;
}

/** Baked meshes of the chairs' asset: triangles without a source file. */
async function chairs(): Promise<MeshSource[]> {
  const answer = await fetch('assets/chairs.glb');
  const { shapes } = await readShapes(new Uint8Array(await answer.arrayBuffer()));
  return shapes.flatMap(({ name, bakedMesh }) => (bakedMesh ? [{ name, content: bakedMesh }] : []));
}

async function open(hook: TrainHook): Promise<void> {
  const canvas = document.getElementById('view') as HTMLCanvasElement;
  showLoading('Looking for a graphics adapter…');
  // ?webgl does without WebGPU; ?page trains on the scene's device even where a processor plays it, which is slow.
  const query = new URLSearchParams(location.search);
  const graphics = await createGraphics(canvas, query.has('webgl'));
  const studio = await Studio.create(graphics.engine, canvas, graphics.software ? 512 : 2048);
  // Two things instead of a row of four.
  studio.camera.radius *= 0.7;
  studio.camera.targetScreenOffset.x *= 0.7;
  studio.camera.target.y = 0.55;
  const pacing = new FramePacing(graphics, studio, canvas);
  const exhibit = new Exhibit(studio, () => {
    studio.invalidateShadows();
    pacing.invalidate();
  });
  Object.defineProperty(hook, 'traced', { get: () => exhibit.mesh?.isTraced ?? false });
  const curve = new LossCurve(document.getElementById('curve') as HTMLElement);
  const worker = new WorkerClient();
  let prepared: readonly PreparedShape[] = [];
  let job: TrainingJob | undefined;
  let trained: NeuralShapes | undefined;
  let nextShown = 0;
  let stop = new AbortController();

  const enter = (state: TrainHook['state']): void => {
    hook.state = state;
    pacing.holdsBack = graphics.software && (state === 'training' || state === 'scoring');
    pacing.invalidate();
    panel.state(state, prepared.length);
  };
  const load = async (sources: readonly MeshSource[]): Promise<void> => {
    if (hook.state === 'training' || hook.state === 'scoring') return;
    showNotice('Measuring signed distances…');
    prepared = await worker.ask({ kind: 'prepare', sources });
    exhibit.showOriginals(prepared);
    showNotice(
      prepared.flatMap(({ warnings }) => warnings).join('\n') || `${prepared.map(({ name }) => name).join(', ')}: ready to train.`,
    );
    curve.clear();
    enter('ready');
  };
  const train = async (): Promise<void> => {
    job = panel.job(prepared.length);
    curve.clear();
    hook.snapshots = 0;
    enter('training');
    showNotice('Training: the picture is the decoder as it learns.');
    const state = await learn(job);
    enter('scoring');
    showNotice('Measuring what was learnt, and compiling its weights into the shader…');
    show(await worker.ask({ kind: 'assemble', job, state, shapes: prepared }));
  };
  /** On the scene's own device where that is a GPU, else on WebAssembly kernels off the page's thread. */
  const learn = async (job: TrainingJob): Promise<TrainingState> => {
    const samples = prepared.map((shape) => shape.samples);
    const device = deviceToTrainOn(graphics, query.has('page'));
    if (!device) return worker.ask({ kind: 'train', job, samples });
    stop = new AbortController();
    const { spec } = job;
    exhibit.showSnapshot(
      { decoder: initializeDecoder(spec, new Random(1)), latents: samples.map(() => new Float32Array(spec.codeLength)) },
      job,
    );
    return trainInPage({
      job,
      samples,
      device,
      allowSoftware: graphics.software,
      signal: stop.signal,
      onProgress: worker.onProgress,
      onWeights: (copy) => {
        hook.snapshots++;
        exhibit.showTable(copy);
      },
    });
  };
  const show = ({ shapes, chamferX1000 }: Results['assemble']): void => {
    trained = shapes;
    hook.chamferX1000 = chamferX1000;
    panel.readings.chamfer = chamferX1000.map((value) => value.toFixed(2)).join(', ');
    panel.refreshReadings();
    exhibit.showTrained(shapes);
    showNotice('Done. Left the mesh, right its neural signed distance function, traced per pixel. “save as .glb” keeps it.');
    enter('trained');
  };

  const panel = new TrainPanel(Object.keys(EXAMPLES), {
    example: (name) => void EXAMPLES[name]().then(load).catch(showError),
    start: () => void train().catch(showError),
    stop: () => {
      stop.abort();
      void worker.ask({ kind: 'stop' });
    },
    morph: (position) => {
      exhibit.position = position;
    },
    save: () => void save(trained!).catch(showError),
  });
  worker.onProgress = ({ step, loss, samplesPerSecond, secondsLeft, share }, engine) => {
    curve.add(share, loss);
    const speed = `${Math.round(samplesPerSecond / 1000)} k samples/s`;
    Object.assign(panel.readings, { engine, speed, step: String(step), left: `${Math.ceil(secondsLeft)} s`, picture: pictureOf(pacing) });
    panel.refreshReadings();
  };
  worker.onSnapshot = (snapshot) => {
    // A processor that draws the picture also trains: it is not to do nothing but draw.
    if (!job || hook.state !== 'training' || performance.now() < nextShown) return;
    nextShown = performance.now() + 4000 * pacing.frameSeconds;
    hook.snapshots++;
    exhibit.showSnapshot(snapshot, job);
  };
  acceptFiles((files) => void load(files).catch(showError), showError);

  pacing.start();
  const hint = graphics.withoutWebGpu ? `${graphics.withoutWebGpu} Shapes are shown as baked meshes.\n${HINT}` : HINT;
  showNotice(hint);
  await load(await EXAMPLES[Object.keys(EXAMPLES)[0]]());
  showNotice(hint);
  hideLoading();
}

function deviceToTrainOn({ engine, software }: Graphics, evenSoftware: boolean): GPUDevice | undefined {
  return engine.isWebGPU && (!software || evenSoftware) ? (engine as WebGPUEngine)._device : undefined;
}

function pictureOf(pacing: FramePacing): string {
  const { width, height } = pacing.pixels;
  return `${width} × ${height}, ${(1000 * pacing.frameSeconds).toFixed(0)} ms`;
}

async function save(shapes: NeuralShapes): Promise<void> {
  const bytes = (await writeShapes(shapes)) as Uint8Array<ArrayBuffer>;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'model/gltf-binary' }));
  link.download = `${shapes.shapes[0].name}.glb`;
  link.click();
  URL.revokeObjectURL(link.href);
}

const hook = { state: 'empty', snapshots: 0, chamferX1000: [], traced: false } as unknown as TrainHook & { ready: Promise<void> };
hook.ready = open(hook);
hook.ready.catch(showError);
(window as unknown as { neuralSdfTraining: unknown }).neuralSdfTraining = hook;
