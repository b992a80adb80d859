import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';

/** `npm start` with PORT set. */
const start = (port: string) =>
  spawnSync(process.execPath, ['build.mjs', '--no-types', '--serve'], {
    encoding: 'utf8',
    env: { ...process.env, PORT: port },
    timeout: 20_000,
  });

describe('npm start', () => {
  it.each(['abc', '99999'])('refuses the port %s in a sentence, before it builds', (port) => {
    const { status, stdout, stderr } = start(port);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^The page cannot be served at port .*\n$/);
  });

  it('says so where another serves at the port', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { status, stderr } = start(String(port));
    other.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^The page cannot be served at port .*EADDRINUSE.*\n$/);
  });
});
