import naive from './naive-trace.wgsl';

/** Evaluations along a ray that plain sphere tracing may take. */
export const NAIVE_MOST_EVALUATIONS = 256;

const PLAIN = ['sdfMarch', 'sdfTrace', 'sdfTraceCovered'];

/** Runs `make` with every tracing shader that it compiles exchanged for the plain one. */
export async function withNaiveShaders<Made>(device: GPUDevice, make: () => Promise<Made>): Promise<Made> {
  const original = device.createShaderModule;
  device.createShaderModule = function (this: GPUDevice, descriptor) {
    return original.call(this, { ...descriptor, code: PLAIN.reduce(exchange, descriptor.code) });
  };
  try {
    return await make();
  } finally {
    device.createShaderModule = original;
  }
}

/** Puts the plain function of a name where the code has its own. */
function exchange(code: string, name: string): string {
  const own = functionSpan(code, name);
  const plain = functionSpan(naive, name);
  return own && plain ? code.slice(0, own.start) + naive.slice(plain.start, plain.end) + code.slice(own.end) : code;
}

function functionSpan(code: string, name: string): { start: number; end: number } | undefined {
  const start = code.indexOf(`fn ${name}(`);
  if (start < 0) return undefined;
  let depth = 0;
  for (let at = code.indexOf('{', start); at < code.length; at++) {
    if (code[at] === '{') depth++;
    if (code[at] === '}' && --depth === 0) return { start, end: at + 1 };
  }
  return undefined;
}
