/**
 * What a picture of a neural shape costs:
 *   npm run bench:render -- [--decoders 4x32,4x64,6x128,8x512] [--only shapes] [--width 320] [--height 240] [--cameras 8] [--rounds 3] [--json file]
 * Evaluations (a value with its gradient counts as two) and the share of the adapter's multiply-add rate come from the compute form, on the
 * very rays of the pictures; frame times are Babylon's, whole; "naive" is plain tracing, normals by six evaluations, no grid, in either.
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

/** Multiply-adds an evaluation beyond which nothing but the frame is measured: a picture's rays would take minutes on a software adapter. */
const MOST_FOR_RAYS = 200_000;
/** And beyond which the rays are those of two cameras, without the plain march. */
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
  const rate = await MultiplyAddRate.create(deviceOf(engine));
  for (const name of values.decoders.split(',')) rows.push(await benchOne(name, rate));
  printDecoders(rows);
}
const shapeCounts = await benchShapeCounts(engine, await benchDecoder('4x32'), rounds);
console.log('\nShapes in view, one material, 4x32, a latent code each: milliseconds a frame, and what was made for the row');
console.table(
  shapeCounts.map(({ frame, perShape, ...row }) => ({ ...row, frame: frame.toFixed(1), 'each one more': perShape.toFixed(2) })),
);
const json = JSON.stringify(
  { adapter: { vendor, architecture, description }, node: process.version, width, height, cameras, rounds, rows, shapeCounts },
  null,
  2,
);
if (values.json) writeFileSync(values.json, `${json}\n`);
console.log(json);
// Dawn would keep the process alive.
process.exit(0);

async function benchOne(name: string, rate: MultiplyAddRate): Promise<Row> {
  const shapes = await benchDecoder(name);
  const multiplyAdds = multiplyAddsPerEvaluation(shapes.decoder.spec);
  const wide = multiplyAdds > MOST_FOR_ORBIT;
  const frames = await benchFrames(engine, name, shapes, { cameras, rounds, naive: !wide });
  const rays =
    multiplyAdds > MOST_FOR_RAYS
      ? undefined
      : await benchRays(deviceOf(engine), rate, shapes, shapes.shapes[0].latent, {
          width: wide ? 160 : width,
          height: wide ? 120 : height,
          cameras: wide ? 2 : cameras,
          rounds: wide ? 1 : rounds,
          rateSeconds: 0.1,
          naive: !wide,
        });
  return { decoder: name, multiplyAdds, frames, rays, compile: frames.shownBy === 'tracing' ? compileInChild(name) : undefined };
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
    all.map(({ decoder, multiplyAdds, rays }) => ({
      decoder,
      'multiply-adds': multiplyAdds,
      weights: rays?.weights ?? 'bricks: npm run bench -- bricks',
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
      traced: frames.shownBy === 'tracing' ? fixed(frames.traced, 1) : '',
      baked: fixed(frames.baked, 1),
      naive: fixed(frames.naive, 1),
      empty: fixed(frames.empty, 1),
      'naive / traced': fixed(frames.timesAsFast?.frame, 1),
      '… the shape alone': fixed(frames.timesAsFast?.shape, 1),
      'compiling, s': fixed(compile && compile / 1000, 1),
    })),
  );
}
