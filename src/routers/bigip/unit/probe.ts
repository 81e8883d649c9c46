import { type ReadCommand, reading, TCP_PROBE } from '../../../core/reading.ts';
import type { Query } from '../../../core/transport.ts';
import { NO_SHELL } from './shell.ts';

/** A packet from a unit to a pod. */
export type Probe =
  | { readonly way: 'ping'; readonly address: string }
  /** 1472 bytes and two headers fill an Ethernet frame; it must not be taken apart on the way. */
  | { readonly way: 'full-size ping'; readonly address: string }
  | { readonly way: 'tcp'; readonly address: string; readonly port: number };

export interface ProbeAnswer {
  readonly probe: Probe;
  readonly reached: boolean;
  /** What came back, in words. */
  readonly detail: string;
}

/** Seconds one packet is waited for. */
const PATIENCE = 2;

/** Milliseconds until a unit that sends no answer about a packet is given up. */
const timeout = (PATIENCE + 4) * 1000;

/** Every exit of ping and of a connection attempt is an answer; 126 and 127 mean that the program is not there. */
const codes = [1, 2, 124];

/** The command that sends one probe. On a BIG-IP it runs in bash, in route domain 0. */
export function probing(probe: Probe): ReadCommand {
  const { way, address } = probe;
  const ping = ['ping', '-c', '1', '-W', `${PATIENCE}`];
  if (way === 'ping') return reading([...ping, address], { codes, timeout });
  if (way === 'full-size ping') return reading([...ping, '-M', 'do', '-s', '1472', address], { codes, timeout });
  const attempt = ['timeout', `${PATIENCE + 1}`, 'bash', '-c', TCP_PROBE, address, `${probe.port}`];
  return reading(attempt, { codes: [...codes, NO_SHELL], timeout });
}

/** Sends many probes in one round trip. */
export async function probe(unit: Query, probes: readonly Probe[]): Promise<readonly ProbeAnswer[]> {
  const outputs = await unit.queryAll(probes.map(probing));
  return probes.map((each, at) => {
    const { code = 1, stdout = '', stderr = '' } = outputs[at] ?? {};
    return {
      probe: each,
      ...(each.way === 'tcp' ? tcpAnswer(code, stderr) : pingAnswer(code, `${stdout}\n${stderr}`)),
    };
  });
}

function pingAnswer(code: number, said: string): Omit<ProbeAnswer, 'probe'> {
  const time = /time=([\d.]+ ?ms)/.exec(said)?.[1];
  if (code === 0 && time) return { reached: true, detail: `answered in ${time}` };
  const trouble = /^.*(?:From \S+.*|[Mm]essage too long.*|unreachable.*|Frag needed.*)$/m.exec(said)?.[0];
  return {
    reached: false,
    detail: trouble?.trim().replace(/^ping: (local error: )?/, '') ?? `no answer within ${PATIENCE} s`,
  };
}

/** A refused connection comes from the pod itself, so it proves the way there as well as an accepted one. */
function tcpAnswer(code: number, said: string): Omit<ProbeAnswer, 'probe'> {
  if (code === 0) return { reached: true, detail: 'accepted' };
  if (/refused/i.test(said)) return { reached: true, detail: 'refused, by the pod' };
  if (code === NO_SHELL) return { reached: false, detail: 'not tried: this login gets no shell' };
  if (code === 124) return { reached: false, detail: `no answer within ${PATIENCE + 1} s` };
  const last = said
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^.*: (?=[A-Z])/, '');
  return { reached: false, detail: last || 'no answer' };
}
