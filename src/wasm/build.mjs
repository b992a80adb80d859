/**
 * Compiles the kernels (AssemblyScript) and writes them as base64 into generated/, so that neither a bundle nor a test has to fetch them.
 * Run `node src/wasm/build.mjs` after a change in kernels/; a test compiles them again and compares.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** Pages of 64 KiB a memory may have at most: all that 32 bits address. */
const MAXIMUM_PAGES = 65536;
const FEATURES = { plain: ['simd', 'threads'], relaxed: ['simd', 'threads', 'relaxed-simd'] };

async function compile(features) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      'index.ts',
      ...['--baseDir', fileURLToPath(new URL('kernels', import.meta.url))],
      ...['--outFile', 'out.wasm', '-O3', '--noAssert', '--runtime', 'stub'],
      ...['--importMemory', '--noExportMemory', '--maximumMemory', String(MAXIMUM_PAGES)],
      // Vectors pass between our own modules only, never to JavaScript.
      ...['--disableWarning', '112'],
      ...features.flatMap((feature) => ['--enable', feature]),
    ],
    {
      writeFile(_, contents) {
        binary = contents;
      },
    },
  );
  if (error) throw new Error(stderr.toString());
  return binary;
}

/** @returns file name to contents: what generated/ must hold */
export async function generate() {
  const files = {};
  for (const [name, features] of Object.entries(FEATURES)) {
    const base64 = Buffer.from(await compile(features)).toString('base64');
    files[`${name}.ts`] = `// Written by src/wasm/build.mjs from src/wasm/kernels.\nexport default '${base64}';\n`;
  }
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL('generated/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [name, contents] of Object.entries(await generate())) writeFileSync(new URL(name, folder), contents);
}
