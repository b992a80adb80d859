import { Command } from 'commander';
import { findShape, type Normalization } from '../../asset/index.js';
import { normalKinkWidths } from '../../decoder/kink-widths.js';
import { NeuralSdfError } from '../../errors.js';
import type { TriangleMesh } from '../../mesh.js';
import { bakeMesh, convexHull, MAX_RESOLUTION, simplifyMesh, writeMeshGlb } from '../../meshing/index.js';
import { createWasmEvaluator } from '../../wasm/wasm-evaluator.js';
import { writeFileAtomic } from '../../write-file-node.js';
import { readAsset } from '../files.js';
import { type CommonOptions, choiceOption, integerOption, withCommonOptions } from '../options.js';
import { createTerminal } from '../terminal.js';

interface BakeOptions extends CommonOptions {
  readonly shape: string;
  readonly output: string;
  readonly resolution: number;
  readonly collider: 'mesh' | 'hull';
  readonly simplify?: number;
  readonly keep: 'all' | 'largest';
  readonly units: 'model' | 'original';
}

/** `bake`: one shape's surface as an ordinary mesh, for colliders and build pipelines. */
export function bakeCommand(): Command {
  const command = new Command('bake')
    .description('bake one shape to a closed triangle mesh (.glb)')
    .argument('<asset>', 'a .glb with neural shapes')
    .requiredOption('-o, --output <file>', 'where the .glb goes')
    .option('--shape <name|index>', 'which shape', '0')
    .option('--resolution <n>', `grid cells along a side, to ${MAX_RESOLUTION}`, integerOption(2, 1_000_000), 64)
    .option('--collider <kind>', 'mesh: the surface itself; hull: its convex hull, for moving bodies', choiceOption('mesh', 'hull'), 'mesh')
    .option('--simplify <triangles>', 'at most about this many triangles', integerOption(4, 100_000_000))
    .option('--keep <parts>', 'all, or only the largest connected part', choiceOption('all', 'largest'), 'all')
    .option(
      '--units <units>',
      'model: as NeuralSdfMesh shows it; original: as the mesh that was prepared',
      choiceOption('model', 'original'),
      'model',
    );
  return withCommonOptions(command, 'neural-sdf bake chairs.glb --shape rocking-04 --resolution 64 -o collider.glb').action(bake);
}

async function bake(path: string, options: BakeOptions): Promise<void> {
  const terminal = createTerminal(options);
  const asset = await readAsset(path);
  const { name, latent, normalization } = asset.shapes[findShape(asset, options.shape)];
  const kinkWidths = normalKinkWidths(asset.decoder, asset.shapes[0].latent, asset.halfExtent);
  const progress = terminal.progress(`baking ${name}`);
  const { mesh, report } = await bakeMesh(await createWasmEvaluator(asset.decoder, latent, { kinkWidths }), {
    resolution: options.resolution,
    halfExtent: asset.halfExtent,
    delta: asset.delta,
    stepScale: asset.stepScale,
    keepComponents: options.keep,
    onProgress: (share) => progress.update(share),
  });
  progress.stop();
  if (report.closedAtBoundary) terminal.warn(`${name} reaches out of the cube of ±${asset.halfExtent}; it was closed at the boundary`);
  let shaped = options.collider === 'hull' ? await convexHull(mesh) : mesh;
  if (options.simplify) shaped = await simplifyMesh(shaped, options.simplify);
  if (options.units === 'original') shaped = toOriginalUnits(shaped, normalization);
  await writeFileAtomic(options.output, await writeMeshGlb(shaped, name));
  const triangles = shaped.triangles.length / 3;
  terminal.result(
    { output: options.output, shape: name, ...report, triangles },
    `${options.output}: ${name}, ${triangles} triangles, volume ${report.volume.toFixed(4)}, ${report.components} connected part${report.components === 1 ? '' : 's'}`,
  );
}

/** @throws NeuralSdfError INVALID_ARGUMENT when the asset does not know the way back */
function toOriginalUnits(mesh: TriangleMesh, normalization: Normalization | undefined): TriangleMesh {
  if (!normalization) {
    throw new NeuralSdfError('INVALID_ARGUMENT', 'this shape does not know its original units: leave out --units original');
  }
  return { ...mesh, positions: mesh.positions.map((value, i) => value / normalization.scale - normalization.offset[i % 3]) };
}
