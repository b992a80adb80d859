import { ImportMeshAsync } from '@babylonjs/core/Loading/sceneLoader.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { NeuralSdfMesh, registerNeuralSdf } from '../plugin/index.js';
import { Balls } from './balls.js';
import { Chair, createColliderMaterial, type Place } from './chair.js';
import { createGraphics } from './engine.js';
import { FramePacing } from './frame-pacing.js';
import type { GpuCounts } from './gpu-counts.js';
import { CHAIR_FINISHES } from './materials.js';
import { hideLoading, showError, showLoading, showNotice } from './messages.js';
import { Panel } from './panel.js';
import { Picking } from './picking.js';
import { createProps } from './props.js';
import { Readout } from './readout.js';
import { ShapeEditor } from './shape-editor.js';
import { StanceTable } from './stance.js';
import { Studio } from './studio.js';

/** Left to right, in a shallow arc that opens to the viewer. */
const PLACES: readonly Place[] = [
  { x: -1.62, z: -0.2, turn: 0.62 },
  { x: -0.6, z: 0.05, turn: 0.22 },
  { x: 0.56, z: 0.1, turn: -0.3 },
  { x: 1.56, z: -0.25, turn: -0.72 },
];

/** Read-only view of the running page, for the browser test. */
export interface DemoHook {
  /** Settles once every chair is on the screen, rejects when the page could not open. */
  readonly ready: Promise<void>;
  /** Frames drawn so far. */
  readonly frames: number;
  /** Whether every chair is traced per pixel. */
  readonly traced: boolean;
  /** Nothing moves, triangles have caught up with shapes, and the picture is as sharp as it gets. */
  readonly atRest: boolean;
  /** Balls in the room. */
  readonly balls: number;
  readonly created: Readonly<GpuCounts>;
}

async function open(): Promise<Omit<DemoHook, 'ready'>> {
  const canvas = document.getElementById('view') as HTMLCanvasElement;
  showLoading('Looking for a graphics adapter…');
  // ?webgl does without WebGPU; ?sharpness=0.5 fixes the resolution at rest, so that pictures can be compared.
  const query = new URLSearchParams(location.search);
  const sharpness = Number(query.get('sharpness')) || undefined;
  const graphics = await createGraphics(canvas, query.has('webgl'));
  graphics.engine.onContextLostObservable.add(() =>
    showError(new Error('The graphics device was lost. Reload the page if it does not come back.')),
  );
  showLoading('Lighting the studio…');
  const studio = await Studio.create(graphics.engine, canvas, graphics.software ? 512 : 2048);
  const pacing = new FramePacing(graphics, studio.scene, studio.camera, canvas, () => studio.refreshShadows(), sharpness);
  const changed = (): void => {
    studio.invalidateShadows();
    pacing.invalidate();
  };

  showLoading('Fetching the chairs…');
  const meshes = await loadMeshes(studio.scene);
  const { shapes } = meshes[0];
  const stances = new StanceTable(shapes);
  const colliderMaterial = createColliderMaterial(studio);
  const chairs = meshes.map((mesh, i) => {
    const { color, roughness, metallic } = CHAIR_FINISHES[i];
    mesh.material = studio.material(`finish ${i + 1}`, color, roughness, metallic);
    return new Chair(mesh, PLACES[i], stances, studio, colliderMaterial, changed, showError);
  });
  // Sunk into the seat of the second chair.
  const props = createProps(studio, new Vector3(PLACES[1].x + 0.06, 0.47, PLACES[1].z));
  const balls = new Balls(studio, chairs, props);

  const startShapes = meshes.map((mesh) => shapeOf(mesh));
  const editor = new ShapeEditor(shapes, startShapes);
  const pick = (chair: number): void => {
    panel.pick(chair);
    picking.show(chair);
    pacing.invalidate();
  };
  const picking = new Picking(studio, chairs, pick);
  const panel = new Panel(
    chairs,
    editor,
    shapes.shapes.map(({ name }) => name),
    startShapes,
    {
      pick,
      dropBalls: () => balls.drop().then(changed, showError),
      removeBalls: () => {
        balls.remove();
        changed();
      },
      showColliders: (visible) => {
        for (const chair of chairs) chair.colliderVisible = visible;
      },
      countEvaluations: (on) => {
        readout.countsEvaluations = on;
        changed();
      },
      changed,
    },
    graphics.withoutWebGpu === undefined,
  );
  const readout = new Readout(graphics, pacing, chairs, panel);
  editor.onChange = (chair, latent) => {
    chairs[chair].latent = latent;
    panel.follow();
  };
  pacing.addMover((seconds) => editor.advance(seconds));
  pacing.addMover((seconds) => {
    const moved = balls.advance(seconds);
    if (moved) studio.invalidateShadows();
    return moved;
  });

  showLoading('Compiling the decoder…');
  pacing.start();
  const traced = (): boolean => chairs.every(({ mesh }) => mesh.isTraced);
  if (graphics.withoutWebGpu === undefined) {
    while (!traced()) await pacing.nextFrame();
  } else {
    showNotice(
      `${graphics.withoutWebGpu} The chairs are shown as baked meshes, made by marching cubes, instead of being traced per pixel.`,
    );
    await Promise.all(chairs.map((chair) => chair.baked()));
  }
  await studio.scene.whenReadyAsync();
  changed();
  await pacing.nextFrame();
  hideLoading();
  return {
    get frames() {
      return pacing.frames;
    },
    get traced() {
      return traced();
    },
    get atRest() {
      return pacing.atRest && chairs.every((chair) => !chair.busy);
    },
    get balls() {
      return balls.count;
    },
    created: graphics.created,
  };
}

/** As many neural meshes as there are places. */
async function loadMeshes(scene: Scene): Promise<NeuralSdfMesh[]> {
  registerNeuralSdf();
  const { meshes } = await ImportMeshAsync('assets/chairs.glb', scene);
  const found = meshes.filter((mesh) => mesh instanceof NeuralSdfMesh);
  if (found.length === 0) throw new Error('assets/chairs.glb holds no neural shape: make it with “npm run assets”.');
  const { shapes } = found[0].shapes;
  while (found.length < PLACES.length) {
    const copy = found[0].clone();
    copy.setShape(Math.floor((found.length * shapes.length) / PLACES.length));
    found.push(copy);
  }
  for (const mesh of found.splice(PLACES.length)) mesh.dispose();
  return found;
}

/** Index of the shape whose latent code a mesh has. */
function shapeOf(mesh: NeuralSdfMesh): number {
  const { latent } = mesh;
  return mesh.shapes.shapes.findIndex((shape) => shape.latent.every((value, i) => value === latent[i]));
}

const opened = open();
opened.catch(showError);
const hook: { -readonly [K in 'ready']: DemoHook[K] } = { ready: opened.then(() => {}) };
hook.ready.catch(() => {});
(window as unknown as { neuralSdfDemo: unknown }).neuralSdfDemo = hook;
void opened.then((running) => Object.defineProperties(hook, Object.getOwnPropertyDescriptors(running)));
