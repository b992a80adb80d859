import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { bakeTriangles, createBakedMesh } from '../../plugin/baked/baked-mesh.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { countDevice } from '../support/device-counters.js';
import { openStudio, paint } from '../support/studio.js';
import { shootBench } from './bench-picture.js';
import { median } from './median.js';
import { timeFrame } from './render-frames.js';

/** Cost of more shapes of one material, a latent code each; as many as `shapes` stand in view. */
export interface ShapeCountFigures {
  readonly shapes: number;
  /** Milliseconds, of a whole frame. */
  readonly frame: number;
  /** Milliseconds that each shape beyond the row before adds. */
  readonly perShape: number;
  /** Frames with level of detail on to frames with it off, in turns, the picture the same: where it has all traced, and where all baked. */
  readonly lodAllTraced: number;
  readonly lodAllBaked: number;
  /** Made since the row before. */
  readonly renderPipelines: number;
  readonly computePipelines: number;
  readonly shaderModules: number;
}

const ACROSS = 8;
/** Cells along the box of the baked meshes. */
const BAKED_RESOLUTION = 32;
/** Of the level of detail, pixels: off, below every shape on the screen, above every one. */
const LOD_PIXELS = { off: 0, allTraced: 1, allBaked: 10_000 } as const;

/** 1, 4, 16 and 64 shapes, each the same size on the screen, blended from those of an asset. */
export async function benchShapeCounts(engine: WebGPUEngine, shapes: NeuralShapes, rounds: number): Promise<ShapeCountFigures[]> {
  const { scene, camera } = openStudio(engine);
  const side = 2.2 * shapes.halfExtent;
  camera.position = new Vector3(0, 0, -1.35 * side * ACROSS);
  camera.setTarget(Vector3.Zero());
  camera.maxZ = 200;
  const material = paint(scene, new Color3(0.8, 0.35, 0.15));
  const counts = countDevice(engine);
  const rows: ShapeCountFigures[] = [];
  const meshes: NeuralSdfMesh[] = [];
  let made = 0;
  for (const wanted of [1, 4, 16, 64]) {
    const before = { ...counts };
    const already = made;
    for (; made < wanted; made++) {
      const mesh = NeuralSdfMesh.Create(`shape ${made}`, shapes, scene, { material, shape: made % shapes.shapes.length });
      mesh.blend(made % shapes.shapes.length, (made + 1) % shapes.shapes.length, (made % 5) / 5);
      const cell = (made * 27) % (ACROSS * ACROSS);
      mesh.position.set(((cell % ACROSS) - (ACROSS - 1) / 2) * side, (Math.floor(cell / ACROSS) - (ACROSS - 1) / 2) * side, 0);
      mesh.rotation.y = 0.4 * made;
      mesh.lodPixels = LOD_PIXELS.off;
      mesh.adoptFallback(createBakedMesh(`shape ${made} baked`, await bakeTriangles(shapes, mesh.latent, BAKED_RESOLUTION), scene));
      meshes.push(mesh);
    }
    await shootBench(scene, `shapes-${wanted}`);
    const madeFor = {
      renderPipelines: counts.renderPipelines - before.renderPipelines,
      computePipelines: counts.computePipelines - before.computePipelines,
      shaderModules: counts.shaderModules - before.shaderModules,
    };
    const { off: frame, allTraced, allBaked } = await timeLevelsOfDetail(engine, scene, meshes, rounds);
    rows.push({
      shapes: wanted,
      frame,
      perShape: rows.length > 0 ? (frame - rows[rows.length - 1].frame) / (wanted - already) : frame,
      lodAllTraced: allTraced / frame,
      lodAllBaked: allBaked / frame,
      ...madeFor,
    });
  }
  scene.dispose();
  return rows;
}

/** Milliseconds a frame for each of LOD_PIXELS, medians, in turns. */
async function timeLevelsOfDetail(
  engine: WebGPUEngine,
  scene: Scene,
  meshes: readonly NeuralSdfMesh[],
  rounds: number,
): Promise<Record<keyof typeof LOD_PIXELS, number>> {
  const times = { off: [] as number[], allTraced: [] as number[], allBaked: [] as number[] };
  const kinds = Object.keys(times) as (keyof typeof times)[];
  // The first turn compiles.
  for (let round = 0; round <= 2 * rounds; round++) {
    for (const kind of kinds) {
      for (const mesh of meshes) mesh.lodPixels = LOD_PIXELS[kind];
      if (round === 0) await shootBench(scene, `shapes-${meshes.length}-lod-${kind}`);
      await timeFrame(engine, scene);
      for (let frame = 0; frame < 2 && round > 0; frame++) times[kind].push(await timeFrame(engine, scene));
    }
  }
  for (const mesh of meshes) mesh.lodPixels = LOD_PIXELS.off;
  return { off: median(times.off), allTraced: median(times.allTraced), allBaked: median(times.allBaked) };
}
