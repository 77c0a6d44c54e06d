import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';

/** Unit of CPU times in /proc, in ms. */
const CPU_CLOCK_MS = 10;

export const isRunning = (child: ChildProcess | undefined): child is ChildProcess =>
  child !== undefined && child.exitCode === null && child.signalCode === null;

/**
 * Sends a signal to a process and waits until it has ended. Does nothing if it has ended already.
 *
 * @param msMax after this time the process is killed
 */
export async function endProcess(
  child: ChildProcess | undefined,
  signal: 'SIGTERM' | 'SIGKILL',
  msMax?: number,
): Promise<void> {
  if (!isRunning(child)) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  const killTimer = msMax === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), msMax);
  await exit;
  clearTimeout(killTimer);
}

/** CPU time that a process has used so far, in user and kernel mode, in ms. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * CPU_CLOCK_MS;
}

/**
 * The same to the nanosecond, of a process whose threads live as long as itself, as those of Node.js do: what an ended
 * thread has used is missing.
 */
export async function exactCpuMsOf(pid: number): Promise<number> {
  const tasks = `/proc/${pid}/task`;
  const used = (await readdir(tasks)).map(async (id) => {
    const [nanoseconds] = (await readFile(`${tasks}/${id}/schedstat`, 'utf8')).split(' ');
    return Number(nanoseconds) / 1e6;
  });
  return (await Promise.all(used)).reduce((sum, ms) => sum + ms, 0);
}

/** Resident memory of a process, in KB. */
export async function residentKbOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}
