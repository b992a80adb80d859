import { floatLiteral } from './wgsl-literal.js';

/** From `p` to its encoding as vec4f x0, x1, …; sin{k} and cos{k} of each octave stay for the way back. */
export function writeEncoding(octaves: number): string {
  let text = '';
  const components = ['p.x', 'p.y', 'p.z'];
  for (let k = 0; k < octaves; k++) {
    // Each octave is the double angle of the one before: two multiplications instead of a sine, whose argument stays within a turn.
    if (k === 0) text += `let sin0 = sin(p * ${floatLiteral(Math.PI)});\nlet cos0 = cos(p * ${floatLiteral(Math.PI)});\n`;
    else text += `let sin${k} = 2. * sin${k - 1} * cos${k - 1};\nlet cos${k} = 1. - 2. * sin${k - 1} * sin${k - 1};\n`;
    for (const wave of ['sin', 'cos']) for (const axis of 'xyz') components.push(`${wave}${k}.${axis}`);
  }
  for (let i = 0; i < components.length; i += 4) {
    const four = [0, 1, 2, 3].map((j) => components[i + j] ?? '0.');
    text += `let x${i / 4} = vec4f(${four.join(', ')});\n`;
  }
  return text;
}

/** And back: from gx0, gx1, …, d distance / d encoding, to `gradient`, d distance / d point. */
export function writeEncodingGradient(octaves: number): string {
  const component = (i: number) => `gx${i >> 2}.${'xyzw'[i & 3]}`;
  const three = (i: number) => `vec3f(${component(i)}, ${component(i + 1)}, ${component(i + 2)})`;
  let text = 'gx0.xyz';
  for (let k = 0; k < octaves; k++) {
    const first = 3 + 6 * k;
    text += `\n+ ${floatLiteral(Math.PI * 2 ** k)} * (cos${k} * ${three(first)} - sin${k} * ${three(first + 3)})`;
  }
  return `let gradient = ${text};\n`;
}
