/**
 * Speed of training (forward, backward, Adam) with every backend that this machine has, beside its own rate of multiplying matrices and
 * beside PyTorch: `npm run bench:train -- [--json file] [--seconds 2] [--rounds 5] [--only text] [--quick]`.
 * Medians are shown. `--quick` shows that all of it runs: its figures mean nothing.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Measured, type Skipped, takeTurns } from './take-turns.js';
import { type BenchCase, CASES, foldedFlopPerSample, nominalFlopPerSample, PYTORCH } from './train-cases.js';
import { contenders } from './train-contenders.js';

/** Above it, something else is at work. */
const QUIET_LOAD = 0.3;

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
  },
});
const pace = {
  quick: values.quick,
  seconds: values.quick ? 0.01 : Number(values.seconds),
  rounds: values.quick ? 1 : Number(values.rounds),
};
if (!(pace.seconds > 0 && pace.rounds >= 1)) throw new Error('--seconds must be positive, and --rounds 1 or more');

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const short = (value: number) => Number(value.toPrecision(3));

/** One line of the report. */
function resultOf({ decoder, dropout, pytorch, spec }: BenchCase, { contender, description, batch, product, ...turns }: Measured) {
  const samples = median(turns.byClock);
  return {
    decoder,
    dropout,
    backend: contender.name,
    threads: contender.threads,
    engine: description,
    batch,
    samplesPerSecond: short(samples),
    slowest: short(Math.min(...turns.byClock)),
    fastest: short(Math.max(...turns.byClock)),
    samplesPerProcessorSecond: short(median(turns.byProcessor)),
    gigaflops: short((samples * nominalFlopPerSample(spec)) / 1e9),
    productGigaflops: short(product),
    shareOfProduct: short((samples * foldedFlopPerSample(spec)) / 1e9 / product),
    pytorchSamplesPerSecond: pytorch,
    besidePyTorch: short(samples / pytorch),
  };
}

function tableRow(row: ReturnType<typeof resultOf>) {
  return {
    backend: row.backend,
    threads: row.threads ?? '',
    batch: row.batch,
    'samples/s': row.samplesPerSecond,
    'samples/CPU s': row.samplesPerProcessorSecond,
    'GFLOP/s': row.gigaflops,
    'multiplying alone': row.productGigaflops,
    share: `${Math.round(100 * row.shareOfProduct)} %`,
    'beside PyTorch': row.besidePyTorch,
  };
}

const cores = availableParallelism();
const load = loadavg()[0];
const report = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores,
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  started: new Date().toISOString(),
  load,
  ...pace,
  pytorch: PYTORCH,
  results: [] as ReturnType<typeof resultOf>[],
  skipped: [] as (Skipped & Pick<BenchCase, 'decoder' | 'dropout'>)[],
};
console.log(`${report.cpu}, ${cores} cores, Node ${report.node}, ${report.started}, load ${load.toFixed(2)}`);
if (load > QUIET_LOAD) console.log('This machine is not quiet: it could do better.');
console.log(`PyTorch: ${PYTORCH}`);
console.log(
  'GFLOP/s: 6 operations a weight and sample, as for PyTorch. share: what is really multiplied, of the rate of multiplying alone',
);

const field = contenders(cores).filter(({ name }) => name.includes(values.only));
for (const each of CASES) {
  const { decoder, dropout, pytorch } = each;
  const { measured, skipped } = await takeTurns(
    each,
    field.filter((contender) => contender.dropout || dropout === 0),
    pace,
  );
  const results = measured.map((one) => resultOf(each, one));
  console.log(`\n${decoder}${dropout > 0 ? `, dropout ${dropout}` : ''}: PyTorch ${pytorch.toLocaleString('en')} samples/s`);
  if (results.length > 0) console.table(results.map(tableRow));
  for (const { backend, why } of skipped) console.log(`${backend}: ${why}`);
  report.results.push(...results);
  report.skipped.push(...skipped.map((one) => ({ decoder, dropout, ...one })));
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
// Threads and a GPU device would keep the process alive.
process.exit(0);
