import type { TriangleMesh } from '../mesh.js';
import type { Random } from '../random.js';
import { type MultiViewOptions, MultiViewQuery, type ViewReport } from './multi-view-query.js';
import type { PrepareMethod } from './prepared-mesh.js';
import type { SampleQuery } from './sample-shape.js';
import { type SurfaceSamples, sampleSurface } from './sample-surface.js';
import { SignedDistanceQuery, type SignMethod } from './signed-distance.js';

/** What samples are drawn around, and what measures them. */
export interface ChosenQuery {
  readonly query: SampleQuery;
  /** The whole mesh, or with `multiview` the triangles that are seen of it. */
  readonly surface: TriangleMesh;
  /** Points to keep beside the samples, at most so many. */
  readonly sampleSurface: (count: number, random: Random) => SurfaceSamples;
  readonly signMethod: SignMethod | 'multi-view';
  readonly views?: ViewReport;
}

/**
 * @param mesh normalised
 * @param onProgress of the views, where there are any
 * @throws NeuralSdfError SHAPE_REJECTED with `multiview`
 */
export function chooseQuery(
  mesh: TriangleMesh,
  method: PrepareMethod,
  options: MultiViewOptions,
  onProgress?: (done: number) => void,
): ChosenQuery {
  if (method === 'multiview') {
    const query = new MultiViewQuery(mesh, options, onProgress);
    const drawSurface = (count: number, random: Random) => query.sampleSurface(count, random);
    return { query, surface: query.surface, sampleSurface: drawSurface, signMethod: 'multi-view', views: query.report };
  }
  const query = new SignedDistanceQuery(mesh, method === 'winding' ? 'winding-number' : undefined);
  const drawSurface = (count: number, random: Random) => sampleSurface(mesh, count, random);
  return { query, surface: mesh, sampleSurface: drawSurface, signMethod: query.signMethod };
}
