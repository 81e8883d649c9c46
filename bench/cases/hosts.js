import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteAll } from '../../dist/core/quote.js';
import { readHostFacts } from '../../dist/kubeadm/host-facts.js';
import { hostQuestions } from '../../dist/kubeadm/host-questions.js';
import { openHosts } from '../../dist/transport/connect.js';
import { simulateHosts } from '../../test/helpers/simulated-hosts.js';
import { median, seconds } from '../measure.js';

export const needsRoot = false;

/** Milliseconds there and back. */
const DISTANCE = 50;
const SIZES = [2, 10, 30];
const TRIES = [1, 2, 3];

const answers = {
  id: '0\n',
  hostname: 'node\n',
  nproc: '2\n',
  uname: 'Linux 6.1.0 x86_64\n',
  date: '1764000000.0\n',
  ip: '[]',
  df: 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 20509264 2106876 17335272 11% /\n',
};
const answer = (_, [program]) => answers[program] ?? { code: program === 'cat' || program === 'ls' ? 1 : 127 };

/** What machines say of themselves, over SSH from far away: many at a time, and against a connection for each question. */
export async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-bench-'));
  const simulated = await simulateHosts(Math.max(...SIZES), answer, { distance: DISTANCE });
  try {
    const times = [];
    for (const size of SIZES) times.push(await all(size, simulated, folder));
    const questions = Object.values(hostQuestions).length;
    const naively = await seconds(() => naive(simulated, folder));
    const [two = 0, , thirty = 0] = times;
    return [
      ...SIZES.map((size, at) => ({
        what: `facts of ${size} hosts, ${DISTANCE} ms away`,
        value: times[at],
        unit: ' s',
      })),
      { what: '30 hosts / 2 hosts', value: thirty / two, unit: '', most: 5 },
      { what: 'requests for the facts of a host', value: requestsOfOne, unit: '', most: 1 },
      { what: `${questions} questions to one host, a connection each`, value: naively, unit: ' s' },
      { what: 'ours for 2 hosts / a connection for each question', value: two / naively, unit: '', most: 0.1 },
    ];
  } finally {
    await simulated.close();
    rmSync(folder, { recursive: true });
  }
}

let requestsOfOne = 0;

async function all(size, { ports, requests, identity }, folder) {
  const taken = [];
  for (const at of TRIES) {
    const names = Array.from({ length: size }, (_, host) => `${host}`);
    const reach = (host) => ({
      via: 'ssh',
      host: '127.0.0.1',
      port: ports[host],
      user: 'root',
      identityFiles: [identity],
    });
    const hosts = openHosts(Object.fromEntries(names.map((name) => [name, { name, reach: reach(Number(name)) }])), {
      secrets: { redact: (text) => text, reveal: async () => '' },
      emit: () => {},
      sshConfig: '/dev/null',
      acceptNew: true,
      knownHosts: join(folder, `known_hosts-${size}-${at}`),
    });
    const before = requests[0];
    taken.push(await seconds(() => Promise.all(names.map((name) => readHostFacts(hosts.host(name))))));
    requestsOfOne = requests[0] - before;
    await hosts.closeAll();
  }
  return median(taken);
}

/** As a loop in a shell does it. */
async function naive({ ports, identity }, folder) {
  const options = ['-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${join(folder, 'naive')}`];
  for (const { argv } of Object.values(hostQuestions)) {
    const login = [
      '-i',
      identity,
      '-o',
      'IdentitiesOnly=yes',
      '-p',
      String(ports[0]),
      'root@127.0.0.1',
      quoteAll(argv),
    ];
    const child = spawn('ssh', [...options, ...login], { stdio: ['ignore', 'ignore', 'ignore'] });
    await once(child, 'exit');
  }
}
