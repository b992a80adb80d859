/** What a pool needs of a browser's Worker and of Node's. */
export interface Thread {
  postMessage(message: unknown): void;
  terminate(): unknown;
  /** Node only: whether a thread at work keeps the process alive. */
  ref?(): void;
  unref?(): void;
}

/** Lines that a program ends with: each message is given to its function `serve`, whose answer is posted back. */
const LISTEN = `
  if (typeof require === 'function') {
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (message) => parentPort.postMessage(serve(message)));
  } else {
    self.onmessage = (event) => self.postMessage(serve(event.data));
  }
`;

/**
 * Starts a worker, in a page or in Node. Its program is a text, because a bundler would have to be told about a second entry.
 * @param program declares `serve(message)`, whose answer is structured-cloneable
 * @param answered called with each answer
 * @param failed called when the worker dies, or could not be started
 */
export function startThread<A>(program: string, answered: (answer: A) => void, failed: (reason: string) => void): Thread {
  const text = program + LISTEN;
  // Node's module is asked for at run time, so that a bundle for browsers does not look for it.
  const node = typeof process !== 'undefined' ? process.getBuiltinModule?.('node:worker_threads') : undefined;
  if (node) {
    const worker = new node.Worker(text, { eval: true });
    worker.on('message', answered);
    worker.on('error', (error) => failed(String(error)));
    return worker;
  }
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = (event) => answered(event.data);
  worker.onerror = (event) => failed(event.message || 'it could not be started (does a content security policy allow blob: workers?)');
  return worker;
}
