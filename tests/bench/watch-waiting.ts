/** The longest that others had to wait, milliseconds. */
export interface Waiting {
  /** For a turn of the calling thread. */
  readonly thread: number;
  /** For what was queued on the device before. */
  readonly device: number;
}

const INTERVAL = 10;

/** Asks for the thread and for the device again and again, as a page's events and frames do, until it is stopped. */
export function watchWaiting(device: GPUDevice): { stop(): Promise<Waiting> } {
  let isStopped = false;
  const longest = { thread: 0, device: 0 };
  const watch = async () => {
    while (!isStopped) {
      const asked = performance.now();
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
      const started = performance.now();
      longest.thread = Math.max(longest.thread, started - asked - INTERVAL);
      await device.queue.onSubmittedWorkDone();
      longest.device = Math.max(longest.device, performance.now() - started);
    }
    return longest;
  };
  const watching = watch();
  return {
    stop() {
      isStopped = true;
      return watching;
    },
  };
}
