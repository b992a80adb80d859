/**
 * What a picture of a neural shape costs:
 *   npm run bench:render -- [--decoders 4x32,4x64,6x128,8x512] [--only decoders|shapes] [--width 320] [--height 240] [--cameras 8] [--rounds 3] [--json file]
 * Evaluations (a value with its gradient counts as two) and the share of the adapter's multiply-add rate come from the compute form, of the
 * same views at twice the resolution along each side, so that what starting its passes takes does not count; frame times are Babylon's, whole; "naive" is plain tracing, normals by six evaluations, no grid, in either.
 * Prints tables, then the same as JSON; pictures are left in tests/out/. Decoders that no asset has are fitted first, once, for a minute.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { deviceOf } from '../../plugin/device.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { multiplyAddsPerEvaluation } from '../../src/decoder/spec.js';
import { MultiplyAddRate } from './multiply-add-rate.js';
import { benchRays, type RayFigures } from './ray-bench.js';
import { benchDecoder, DECODERS } from './render-decoders.js';
import { benchFrames, type FrameFigures, timeCompilation } from './render-frames.js';
import { benchShapeCounts } from './render-shapes.js';

/** Multiply-adds an evaluation beyond which the rays are those of two cameras, without the plain march. */
const MOST_FOR_ORBIT = 40_000;

const { values } = parseArgs({
  options: {
    decoders: { type: 'string', default: DECODERS.join(',') },
    only: { type: 'string' },
    width: { type: 'string', default: '320' },
    height: { type: 'string', default: '240' },
    cameras: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    /** A child's part: prints the milliseconds that compiling a decoder takes. */
    compile: { type: 'string' },
    json: { type: 'string' },
  },
});
const [width, height, cameras, rounds] = [values.width, values.height, values.cameras, values.rounds].map(Number);

interface Row {
  readonly decoder: string;
  readonly multiplyAdds: number;
  readonly frames: FrameFigures;
  readonly rays?: RayFigures;
  /** Milliseconds, with the driver's cache off. */
  readonly compile?: number;
}

const engine = await createHeadlessEngine({ width, height });
if (values.compile) {
  process.stdout.write(`\n${await timeCompilation(engine, await benchDecoder(values.compile))}`);
  process.exit(0);
}
const { vendor, architecture, description } = deviceOf(engine).adapterInfo;
console.log(`${description || `${vendor} ${architecture}`}, Node ${process.version}, ${width}x${height}, ${cameras} cameras`);
const rows: Row[] = [];
if (values.only !== 'shapes') {
  let made: Promise<MultiplyAddRate> | undefined;
  const rate = () => {
    made ??= MultiplyAddRate.create(deviceOf(engine));
    return made;
  };
  for (const name of values.decoders.split(',')) rows.push(await benchOne(name, rate));
  printDecoders(rows);
}
const shapeCounts = values.only === 'decoders' ? [] : await benchShapeCounts(engine, await benchDecoder('4x32'), rounds);
if (shapeCounts.length > 0) {
  console.log('\nShapes in view, one material, 4x32, a latent code each: milliseconds a frame, and what was made for the row');
  console.table(
    shapeCounts.map(({ frame, perShape, lodAllTraced, lodAllBaked, ...row }) => ({
      ...row,
      frame: frame.toFixed(1),
      'each one more': perShape.toFixed(2),
      'level of detail, all traced: times as long': lodAllTraced.toFixed(2),
      'all baked': lodAllBaked.toFixed(2),
    })),
  );
}
const json = JSON.stringify(
  { adapter: { vendor, architecture, description }, node: process.version, width, height, cameras, rounds, rows, shapeCounts },
  null,
  2,
);
if (values.json) writeFileSync(values.json, `${json}\n`);
console.log(json);
// Dawn would keep the process alive.
process.exit(0);

async function benchOne(name: string, rate: () => Promise<MultiplyAddRate>): Promise<Row> {
  const shapes = await benchDecoder(name);
  const multiplyAdds = multiplyAddsPerEvaluation(shapes.decoder.spec);
  const wide = multiplyAdds > MOST_FOR_ORBIT;
  const frames = await benchFrames(engine, name, shapes, { cameras, rounds, naive: !wide, wide });
  // Rays evaluate the decoder itself: of one that is shown by bricks, a picture's would take minutes.
  const rays =
    frames.shownBy === 'bricks'
      ? undefined
      : await benchRays(deviceOf(engine), await rate(), shapes, shapes.shapes[0].latent, {
          width: wide ? 160 : 2 * width,
          height: wide ? 120 : 2 * height,
          cameras: wide ? 2 : cameras,
          rounds: wide ? 1 : 3 * rounds,
          rateSeconds: 0.1,
          naive: !wide,
        });
  return { decoder: name, multiplyAdds, frames, rays, compile: frames.shownBy === 'baked mesh' ? undefined : compileInChild(name) };
}

/** A process of its own, in which neither the driver nor Dawn has seen the shader before. */
function compileInChild(name: string): number {
  const output = execFileSync(process.execPath, [process.argv[1], '--compile', name, '--width', values.width, '--height', values.height], {
    env: { ...process.env, MESA_SHADER_CACHE_DISABLE: 'true' },
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return Number(output.trim().split('\n').pop());
}

function printDecoders(all: readonly Row[]): void {
  const fixed = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '';
  console.log('\nEvaluations a covered pixel (its normal among them), and tracing alone, in compute form');
  console.table(
    all.map(({ decoder, multiplyAdds, rays, frames }) => ({
      decoder,
      'multiply-adds': multiplyAdds,
      weights: rays?.weights ?? frames.shownBy,
      mean: fixed(rays?.evaluations.mean, 2),
      p99: rays?.evaluations.p99 ?? '',
      'misses too': fixed(rays?.evaluations.withMisses, 2),
      'naive, mean': fixed(rays?.naive?.evaluations.mean, 1),
      'ms a picture': fixed(rays?.milliseconds, 1),
      'a lane a ray, times as long': fixed(rays?.laneARayTimesAsLong, 2),
      'naive, ms': fixed(rays?.naive?.milliseconds, 1),
      'times as fast': fixed(rays?.naive?.timesAsLong, 1),
      'G multiply-adds/s, bare': fixed(rays && rays.multiplyAddsPerSecond / 1e9, 1),
      'share of it': rays ? `${fixed(100 * rays.shareOfRate, 0)} %` : '',
      'refill, ms': fixed(rays?.refillMilliseconds, 1),
    })),
  );
  console.log('\nFrames, milliseconds');
  console.table(
    all.map(({ decoder, frames, compile }) => ({
      decoder,
      'shown by': frames.shownBy,
      traced: frames.shownBy === 'baked mesh' ? '' : fixed(frames.traced, 1),
      'traced ahead': fixed(frames.ahead, 1),
      baked: fixed(frames.baked, 1),
      naive: fixed(frames.naive, 1),
      empty: fixed(frames.empty, 1),
      'naive / traced': fixed(frames.timesAsFast?.frame, 1),
      '… the shape alone': fixed(frames.timesAsFast?.shape, 1),
      'first picture, s': fixed(compile && compile / 1000, 1),
    })),
  );
  const wide = all.filter(({ frames }) => frames.bricks);
  if (wide.length === 0) return;
  console.log('\nBricks: from load to the finest, and how far off that is, model units (npm run bench -- bricks for edits and rates)');
  console.table(
    wide.map(({ decoder, frames: { bricks } }) => ({
      decoder,
      'cells along the box': bricks?.resolution,
      evaluations: bricks?.evaluations,
      'coarse, s': fixed(bricks?.coarseSeconds, 1),
      'full, s': fixed(bricks?.fullSeconds, 1),
      'error mean': bricks?.errorMean?.toExponential(1) ?? '',
      'error p99': bricks?.errorP99?.toExponential(1) ?? '',
    })),
  );
}
