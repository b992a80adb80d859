import type { DistanceEvaluator, GradientEvaluator } from '../decoder/evaluator.js';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import { meshVolume } from '../mesh-volume.js';
import { centerSurface } from './center-surface.js';
import { evaluateGrid, type GridOptions } from './evaluate-grid.js';
import { gradientNormals } from './gradient-normals.js';
import { marchingCubes } from './marching-cubes.js';
import { componentCount, largestComponent } from './mesh-components.js';

export interface BakeMeshOptions extends GridOptions {
  /** 'largest' keeps the component that encloses the largest volume and drops the others; cavities count as components. Default 'all'. */
  readonly keepComponents?: 'all' | 'largest';
  /** Adds normals from the distance's gradient (see `gradientNormals`). Default true. */
  readonly normals?: boolean;
}

export interface BakeMeshReport {
  readonly resolution: number;
  readonly vertices: number;
  readonly triangles: number;
  /** Connected components before any was dropped. */
  readonly components: number;
  /** Enclosed volume, model units cubed. */
  readonly volume: number;
  /** True when the surface left the cube and was closed along its boundary. */
  readonly closedAtBoundary: boolean;
  /** Decoder evaluations for the grid. */
  readonly evaluations: number;
  readonly seconds: number;
}

/**
 * A shape's surface as triangles: grid, marching cubes, centring, normals.
 * @returns a closed, oriented 2-manifold in model units, counter-clockwise seen from outside
 * @throws NeuralSdfError EMPTY_SHAPE when the shape has no surface in the cube, RESOLUTION_TOO_LARGE, INVALID_ARGUMENT, NOT_FINITE;
 * the signal's reason when aborted
 */
export async function bakeMesh(
  evaluator: DistanceEvaluator | GradientEvaluator,
  options: BakeMeshOptions,
): Promise<{ mesh: TriangleMesh; report: BakeMeshReport }> {
  const started = performance.now();
  const { grid, evaluations } = await evaluateGrid(evaluator, options);
  const { mesh: whole, closedAtBoundary } = marchingCubes(grid);
  if (whole.triangles.length === 0) {
    throw new NeuralSdfError(
      'EMPTY_SHAPE',
      `no surface within +-${options.halfExtent} at resolution ${options.resolution}: the latent code decodes to empty space, or to parts thinner than a cell`,
      { resolution: options.resolution, halfExtent: options.halfExtent },
    );
  }
  const kept = options.keepComponents === 'largest' ? largestComponent(whole) : whole;
  const step = options.halfExtent / options.resolution;
  const centered = centerSurface(evaluator, kept, 2 * step);
  const mesh = options.normals === false ? centered : { ...centered, normals: gradientNormals(evaluator, centered, step) };
  const report: BakeMeshReport = {
    resolution: options.resolution,
    vertices: mesh.positions.length / 3,
    triangles: mesh.triangles.length / 3,
    components: componentCount(whole),
    volume: meshVolume(mesh),
    closedAtBoundary,
    evaluations,
    seconds: (performance.now() - started) / 1000,
  };
  return { mesh, report };
}
