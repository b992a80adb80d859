import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Command, InvalidArgumentError } from 'commander';
import { NeuralSdfMesh } from '../../../plugin/index.js';
import { findShape, type NeuralShapes } from '../../asset/index.js';
import { normalKinkWidths } from '../../decoder/kink-widths.js';
import { bakeMesh } from '../../meshing/index.js';
import { createWasmEvaluator } from '../../wasm/wasm-evaluator.js';
import { writeFileAtomic } from '../../write-file-node.js';
import { readAsset } from '../files.js';
import { createHeadlessEngine, encodePng, renderToPixels } from '../headless-engine-node.js';
import { type CommonOptions, choiceOption, integerOption, numberOption, withCommonOptions } from '../options.js';
import { createStudio } from '../studio-scene.js';
import { createTerminal } from '../terminal.js';

interface RenderOptions extends CommonOptions {
  readonly shape: string;
  readonly output: string;
  readonly width: number;
  readonly height: number;
  readonly azimuth: number;
  readonly elevation: number;
  readonly color: Color3;
  readonly surface: 'traced' | 'baked';
  readonly resolution: number;
}

/** `render`: a picture of one shape through the Babylon plugin, without a window. */
export function renderCommand(): Command {
  const command = new Command('render')
    .description('render one shape to a PNG through the Babylon plugin, headless')
    .argument('<asset>', 'a .glb with neural shapes')
    .requiredOption('-o, --output <file>', 'where the .png goes')
    .option('--shape <name|index>', 'which shape', '0')
    .option('--width <pixels>', 'of the picture', integerOption(16, 8192), 640)
    .option('--height <pixels>', 'of the picture', integerOption(16, 8192), 480)
    .option('--azimuth <degrees>', 'where the camera stands around the shape; 0 is its front (+z)', numberOption(-360, 360), 35)
    .option('--elevation <degrees>', 'how high the camera stands', numberOption(-89, 89), 25)
    .option('--color <hex>', 'albedo', colorOption, Color3.FromHexString('#c8643c'))
    .option('--surface <kind>', 'traced per pixel, or its baked mesh', choiceOption('traced', 'baked'), 'traced')
    .option('--resolution <n>', 'of the baked mesh', integerOption(2, 1024), 128);
  return withCommonOptions(command, 'neural-sdf render chairs.glb --shape rocking-04 -o chair.png').action(render);
}

async function render(path: string, options: RenderOptions): Promise<void> {
  const terminal = createTerminal(options);
  const asset = await readAsset(path);
  const index = findShape(asset, options.shape);
  const { name, latent } = asset.shapes[index];
  const baking = { halfExtent: asset.halfExtent, delta: asset.delta, stepScale: asset.stepScale };
  const kinkWidths = normalKinkWidths(asset.decoder, asset.shapes[0].latent, asset.halfExtent);
  // Also tells how low the shape reaches, for the floor under it, and finds out about an empty shape before anything is drawn.
  const { mesh: bakedMesh } = await bakeMesh(await createWasmEvaluator(asset.decoder, latent, { kinkWidths }), {
    ...baking,
    resolution: options.surface === 'baked' ? options.resolution : 32,
  });
  const shapes: NeuralShapes = { ...asset, shapes: asset.shapes.map((shape, i) => (i === index ? { ...shape, bakedMesh } : shape)) };
  // Babylon's greeting would go to standard output, which is the result's.
  Logger.LogLevels = Logger.WarningLogLevel | Logger.ErrorLogLevel;
  const engine = await createHeadlessEngine({ width: options.width, height: options.height });
  const { scene, shadows } = createStudio(engine, options, lowest(bakedMesh.positions));
  const material = new PBRMaterial('shape', scene);
  material.albedoColor = options.color.toLinearSpace();
  material.metallic = 0;
  material.roughness = 0.55;
  const mesh = NeuralSdfMesh.Create('shape', shapes, scene, { shape: index, material });
  mesh.receiveShadows = true;
  if (options.surface === 'baked') mesh.showBaked = 'always';
  shadows.addShadowCaster(mesh);
  terminal.say(`rendering ${name} on ${engine.getInfo().renderer}`);
  const picture = await renderToPixels(scene);
  await writeFileAtomic(options.output, encodePng(picture));
  terminal.result(
    { output: options.output, shape: name, width: picture.width, height: picture.height },
    `${options.output}: ${name}, ${picture.width} x ${picture.height}`,
  );
  scene.dispose();
  engine.dispose();
}

function lowest(positions: Float32Array): number {
  let low = Number.POSITIVE_INFINITY;
  for (let i = 1; i < positions.length; i += 3) low = Math.min(low, positions[i]);
  return low;
}

function colorOption(text: string): Color3 {
  if (!/^#?[0-9a-f]{6}$/i.test(text)) throw new InvalidArgumentError('It must be a colour such as #c8643c.');
  return Color3.FromHexString(text.startsWith('#') ? text : `#${text}`);
}
