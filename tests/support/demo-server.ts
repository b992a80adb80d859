import { type ChildProcess, spawn } from 'node:child_process';

export interface DemoServer {
  readonly url: string;
  stop(): void;
}

/** What `npm start` does: builds everything, then serves the page. @throws Error with what the build printed, when it ends early */
export async function startDemoServer(): Promise<DemoServer> {
  const child: ChildProcess = spawn(process.execPath, ['build.mjs', '--no-types', '--serve'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
      if (found) resolve(found[0]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`the build ended with ${code}: ${printed}`)));
  });
  return { url, stop: () => child.kill() };
}
