import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { CpaasError } from '../../core/errors.ts';
import { labLayout } from '../layout.ts';
import type { LabSpec } from '../spec.ts';
import type { Progress } from './lab.ts';
import type { LabState } from './state.ts';
import { fromWire, Reply } from './wire.ts';

/** Asks a lab's supervisor. Nothing when nobody answers; rejects with what it answers, or `LAB.FAILED` when it dies on the way. */
export async function call(
  spec: LabSpec,
  marks: readonly string[],
  onProgress: Progress,
): Promise<LabState | undefined> {
  const socket = connect(labLayout(spec.name).control);
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  if (!connected) return undefined;
  try {
    return await converse(socket, spec, marks, onProgress);
  } catch (error) {
    // The supervisor died; a socket that breaks off says so in its own way.
    if (error instanceof CpaasError || !(error instanceof Error && 'syscall' in error)) throw error;
    throw gone(spec.name, error);
  } finally {
    socket.destroy();
  }
}

async function converse(
  socket: Socket,
  spec: LabSpec,
  marks: readonly string[],
  onProgress: Progress,
): Promise<LabState> {
  socket.write(`${JSON.stringify({ verb: 'apply', spec, marks })}\n`);
  for await (const line of createInterface({ input: socket })) {
    const reply = Reply.parse(JSON.parse(line));
    if ('ready' in reply) return reply.ready;
    if ('error' in reply) throw fromWire(reply.error);
    onProgress(reply.progress);
  }
  throw gone(spec.name);
}

const gone = (lab: string, cause?: Error): CpaasError =>
  new CpaasError('LAB.FAILED', `the supervisor of lab ${lab} ended on the way`, {
    cause,
    next: [{ label: 'goes on where it was', command: 'cpaas lab up' }],
  });
