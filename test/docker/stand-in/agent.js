import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { hostname } from 'node:os';
import { calicoPort } from '../../../dist/lab/machines/names.js';
import { linkLine, nodeLines, nodeSysctls, podLines } from '../../../dist/lab/machines/pod-link.js';
import { ipBatch, run, tryRun } from '../../../dist/lab/machines/run.js';
import { messages, PORTS, pause } from './wire.js';

const BIRD = { conf: '/etc/bird-node.conf', socket: '/run/bird.ctl' };

/** A node: registers with its server, runs BIRD, and plugs pods as it is told. Resolves when the server knows it. */
export async function startAgent({ host, role }) {
  const address = await ownAddress();
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  writeFileSync(BIRD.conf, `router id ${address};\nprotocol device { }\n`);
  const bird = spawn('bird', ['-f', '-c', BIRD.conf, '-s', BIRD.socket], { stdio: 'ignore' });
  const speaker = serveBird();
  mkdirSync('/run/netns', { recursive: true });
  let stopped = false;
  await new Promise((resolve) => {
    const join = () => {
      const socket = connect(PORTS.nodes, host, () => {
        const { send } = messages(socket, (message) =>
          message.registered
            ? resolve()
            : carryOut(message).then(
                () => send({ answers: message.id }),
                (error) => send({ answers: message.id, error: String(error) }),
              ),
        );
        send({ name: hostname(), role, address });
      });
      socket.on('error', () => socket.destroy());
      socket.on('close', () => stopped || void pause(200).then(join));
    };
    join();
  });
  return {
    stop() {
      stopped = true;
      bird.kill();
      speaker.close();
    },
  };
}

async function ownAddress() {
  const [eth0] = JSON.parse(await run(['ip', '-j', '-4', 'address', 'show', 'eth0']));
  return eth0.addr_info[0].local;
}

/** The first line is what BIRD is to read, if anything; all else goes to its control socket. */
function serveBird() {
  const server = createServer((socket) => {
    socket.once('data', (chunk) => {
      const text = chunk.toString();
      const end = text.indexOf('\n');
      const { conf } = JSON.parse(text.slice(0, end));
      if (conf) {
        // BIRD may be reading it for another one who asked
        writeFileSync(`${BIRD.conf}.new`, conf);
        renameSync(`${BIRD.conf}.new`, BIRD.conf);
      }
      const bird = connect(BIRD.socket);
      for (const one of [socket, bird]) one.on('error', () => one.destroy());
      bird.write(text.slice(end + 1));
      socket.pipe(bird).pipe(socket);
    });
    socket.on('error', () => socket.destroy());
  });
  return server.listen(PORTS.bird);
}

const echoes = new Map();

/** Calico's CNI and a kubelet in a few lines: a namespace, a link, an echo server. May be asked again. */
async function carryOut({ plug, unplug }) {
  const pod = plug?.pod ?? unplug;
  echoes.get(pod)?.kill();
  await tryRun(['ip', 'link', 'delete', calicoPort(pod)]);
  await tryRun(['ip', 'netns', 'delete', pod]);
  if (!plug) return;
  await run(['ip', 'netns', 'add', pod]);
  await ipBatch(undefined, [linkLine(plug, pod)]);
  for (const [name, value] of Object.entries(nodeSysctls(plug)))
    writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, value);
  await ipBatch(undefined, nodeLines(plug));
  await ipBatch(pod, podLines(plug));
  const words = ['netns', 'exec', pod, 'socat', 'TCP-LISTEN:8080,fork,reuseaddr', 'PIPE'];
  echoes.set(pod, spawn('ip', words, { stdio: 'ignore' }));
  for (;;) {
    const { stdout } = await tryRun(['ip', 'netns', 'exec', pod, 'ss', '-Hltn', 'sport = :8080']);
    if (stdout) return;
    await pause(30);
  }
}
