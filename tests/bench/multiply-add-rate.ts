import { componentsOf, writeProduct } from '../../src/gpu/bake-product.js';
import { floatLiteral } from '../../src/gpu/wgsl-literal.js';
import { Random } from '../../src/random.js';
import { median } from './median.js';
import { QueueClock } from './queue-clock.js';

const INVOCATIONS = 1 << 14;
const WORKGROUP = 64;

interface Form {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Of one dispatch. */
  readonly multiplyAdds: number;
}

/**
 * The multiply-adds a second that an adapter does on code as a baked decoder is made of: literals times vectors, nothing else, in several
 * forms: 4x4 blocks in chains side by side, dense layers of blocks, and dense layers by columns of fma.
 */
export class MultiplyAddRate {
  private readonly _rounds: number[][] = [];
  private readonly _clock: QueueClock;

  private constructor(
    private readonly _device: GPUDevice,
    private readonly _forms: readonly Form[],
  ) {
    this._clock = new QueueClock(_device);
  }

  static async create(device: GPUDevice): Promise<MultiplyAddRate> {
    const random = new Random(1);
    const literal = () => floatLiteral(random.range(-0.5, 0.5));
    const block = () => `mat4x4f(${Array.from({ length: 16 }, literal).join(',')})`;
    const codes = [
      ...[4, 8, 16].map((chains) => ({ name: `${chains} chains`, ...writeChains(chains, block) })),
      ...[32, 64].map((width) => ({ name: `layers of ${width}`, ...writeLayers(width, block) })),
      ...[32, 64].map((width) => ({ name: `fma, layers of ${width}`, ...writeFmaLayers(width, literal) })),
    ];
    const forms = await Promise.all(codes.map((code) => compile(device, code)));
    // The first dispatch compiles.
    for (const form of forms) await new MultiplyAddRate(device, [form]).measure(0);
    return new MultiplyAddRate(device, forms);
  }

  /** Times every form once, for `seconds` at least each: a round. */
  async measure(seconds: number): Promise<void> {
    const rates: number[] = [];
    for (const form of this._forms) {
      let dispatches = 0;
      let milliseconds = 0;
      do {
        // Several in flight, so that a fast device does not wait for the host.
        milliseconds += await this._clock.time(form.name, () => {
          for (let i = 0; i < 4; i++) this._dispatch(form);
        });
        dispatches += 4;
      } while (milliseconds < 1000 * seconds);
      rates.push((dispatches * form.multiplyAdds) / (milliseconds / 1000));
    }
    this._rounds.push(rates);
  }

  /** Takes the rounds since the last call: those of the form whose median is best, multiply-adds a second. */
  takeRounds(): { readonly form: string; readonly rates: readonly number[] } {
    const rounds = this._rounds.splice(0);
    const byForm = this._forms.map((_, form) => rounds.map((rates) => rates[form]));
    const medians = byForm.map(median);
    const best = medians.indexOf(Math.max(...medians));
    return { form: this._forms[best].name, rates: byForm[best] };
  }

  private _dispatch({ pipeline, bindGroup }: Form): void {
    const encoder = this._device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(INVOCATIONS / WORKGROUP);
    pass.end();
    this._device.queue.submit([encoder.finish()]);
  }
}

interface Code {
  readonly body: string;
  readonly multiplyAdds: number;
}

function writeChains(chains: number, block: () => string): Code {
  const lengths = 512 / chains;
  let body = '';
  for (let c = 0; c < chains; c++) body += `var v${c} = start + ${c}.;\n`;
  // Of constant size, so that nothing decays into denormal numbers, which are slow.
  for (let link = 0; link < lengths; link++) for (let c = 0; c < chains; c++) body += `v${c} = ${block()} * v${c} + start;\n`;
  const sum = Array.from({ length: chains }, (_, c) => `v${c}`).join(' + ');
  return { body: `${body}return dot(${sum}, vec4f(1.));`, multiplyAdds: 512 * 16 };
}

function writeLayers(width: number, block: () => string): Code {
  const vectors = width / 4;
  const all = [...Array(vectors).keys()];
  let body = all.map((v) => `let h0_${v} = start * ${v}.;\n`).join('');
  for (let layer = 1; layer <= 3; layer++) {
    for (const row of all) {
      body += `let h${layer}_${row} = max(start + ${all.map((column) => `${block()} * h${layer - 1}_${column}`).join('\n+ ')}, vec4f());\n`;
    }
  }
  return { body: `${body}return dot(${all.map((v) => `h3_${v}`).join(' + ')}, vec4f(1.));`, multiplyAdds: 3 * width * width };
}

function writeFmaLayers(width: number, literal: () => string): Code {
  const vectors = width / 4;
  let body = [...Array(vectors).keys()].map((v) => `let h0_${v} = start * ${v}.;\n`).join('');
  for (let layer = 1; layer <= 3; layer++) {
    const factors = componentsOf((v) => `h${layer - 1}_${v}`, width).map((scalar) => {
      const column = Array.from({ length: width }, literal);
      return { scalar, weight: (i: number) => Number.parseFloat(column[i]) };
    });
    body += writeProduct(`s${layer}_`, Array(vectors).fill('start'), factors);
    for (let v = 0; v < vectors; v++) body += `let h${layer}_${v} = max(s${layer}_${v}, vec4f());\n`;
  }
  const sum = Array.from({ length: vectors }, (_, v) => `h3_${v}`).join(' + ');
  return { body: `${body}return dot(${sum}, vec4f(1.));`, multiplyAdds: 3 * width * width };
}

async function compile(device: GPUDevice, { name, body, multiplyAdds }: Code & { name: string }): Promise<Form> {
  const runs = Math.ceil(2e8 / (multiplyAdds * INVOCATIONS));
  const code = `@group(0) @binding(0) var<storage, read_write> results: array<f32>;
fn product(start: vec4f) -> f32 {\n${body}\n}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  var x = results[id.x];
  for (var i = 0; i < ${runs}; i++) { x = clamp(product(vec4f(x, 0.1, 0.2, 0.3)), 0.1, 0.2); }
  results[id.x] = x;
}`;
  const pipeline = await device.createComputePipelineAsync({
    label: `multiply-adds, ${name}`,
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const buffer = device.createBuffer({ size: 4 * INVOCATIONS, usage: GPUBufferUsage.STORAGE });
  const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer } }] });
  return { name, pipeline, bindGroup, multiplyAdds: runs * multiplyAdds * INVOCATIONS };
}
