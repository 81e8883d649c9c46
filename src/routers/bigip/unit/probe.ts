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

/** The command that sends one probe. bash of a BIG-IP is in route domain 0; `rdexec` starts a program in another. */
export function probing(probe: Probe, routeDomain = 0): ReadCommand {
  const inside = routeDomain === 0 ? [] : ['rdexec', `${routeDomain}`];
  // ping is started without a shell too, where it is started as it is
  const answers = probe.way === 'tcp' || routeDomain !== 0 ? [...codes, NO_SHELL] : codes;
  return reading([...inside, ...sending(probe)], { codes: answers, timeout });
}

function sending(probe: Probe): readonly string[] {
  const { way, address } = probe;
  const ping = ['ping', '-c', '1', '-W', `${PATIENCE}`];
  if (way === 'ping') return [...ping, address];
  if (way === 'full-size ping') return [...ping, '-M', 'do', '-s', '1472', address];
  return ['timeout', `${PATIENCE + 1}`, 'bash', '-c', TCP_PROBE, address, `${probe.port}`];
}

/** Sends many probes in one round trip, out of one of a unit's route domains. */
export async function probe(unit: Query, probes: readonly Probe[], routeDomain = 0): Promise<readonly ProbeAnswer[]> {
  const outputs = await unit.queryAll(probes.map((each) => probing(each, routeDomain)));
  return probes.map((each, at) => {
    const { code = 1, stdout = '', stderr = '' } = outputs[at] ?? {};
    if (code === NO_SHELL)
      return { probe: each, reached: false, detail: `not tried: ${notTried(routeDomain, stderr)}` };
    return {
      probe: each,
      ...(each.way === 'tcp' ? tcpAnswer(code, stderr) : pingAnswer(code, `${stdout}\n${stderr}`)),
    };
  });
}

/** A login without a shell starts ping, and that in route domain 0 alone. */
const notTried = (routeDomain: number, said: string): string =>
  routeDomain === 0 || /has no shell/.test(said)
    ? 'this login gets no shell'
    : `this unit has no rdexec to send it out of route domain ${routeDomain}`;

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
  if (code === 124) return { reached: false, detail: `no answer within ${PATIENCE + 1} s` };
  const last = said
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^.*: (?=[A-Z])/, '');
  return { reached: false, detail: last || 'no answer' };
}
