import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { generate } from '../../src/wasm/build.mjs';

const folder = new URL('../../src/wasm/generated/', import.meta.url);

it('the committed kernels are what their sources compile to', async () => {
  const files = await generate();
  expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
  for (const [name, contents] of Object.entries(files)) {
    // Compared as a boolean: a difference in base64 tells a reader nothing.
    expect(readFileSync(new URL(name, folder), 'utf8') === contents, `${name} is stale: run node src/wasm/build.mjs`).toBe(true);
    expect(statSync(new URL(name, folder)).size).toBeLessThan(30_000);
  }
});
