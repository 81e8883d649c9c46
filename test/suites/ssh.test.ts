import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket, connect as tcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CpaasError } from '../../src/core/errors.ts';
import type { Event } from '../../src/core/events.ts';
import type { SshHost } from '../../src/core/host-spec.ts';
import { reading } from '../../src/core/reading.ts';
import type { Connection } from '../../src/core/transport.ts';
import { type ConnectOptions, type Hosts, openHosts } from '../../src/transport/connect.ts';
import { netns } from '../../src/transport/netns.ts';
import { createSecrets } from '../../src/transport/secrets.ts';
import { SshLink } from '../../src/transport/ssh/link.ts';
import { ssh } from '../../src/transport/ssh.ts';
import { transportContract } from '../transport/contract.ts';
import { freePort, noSshd, PASSWORD, type Sshd, startSshd } from '../transport/sshd.ts';

const NAMESPACE = 'cpaas-ssh-suite';

describe.skipIf(noSshd !== undefined)('SSH to a real OpenSSH server', () => {
  let server: Sshd;
  let folder: string;
  const open: Hosts[] = [];
  const servers: Server[] = [];

  beforeAll(async () => {
    server = await startSshd({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] });
    folder = mkdtempSync(join(tmpdir(), 'cpaas-ssh-'));
    writeFileSync(join(folder, 'empty'), '');
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((hosts) => hosts.closeAll()));
    for (const one of servers.splice(0)) one.close();
  });
  afterAll(async () => {
    await server?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** One host, `unit`, with nothing of this machine's own ssh configuration. */
  const hosts = (reach: SshHost, more: Partial<ConnectOptions> = {}): Hosts => {
    const secrets = createSecrets({ env: { PASSWORD, WRONG: 'not-this-one', PHRASE: 'locked' }, terminal: false });
    const one = openHosts(
      { unit: { name: 'unit', reach } },
      { secrets, emit: () => {}, sshConfig: join(folder, 'empty'), connectTimeout: 60_000, ...more },
    );
    open.push(one);
    return one;
  };
  const hello = async (reach: SshHost, more: Partial<ConnectOptions> = {}) =>
    (await hosts(reach, more).host('unit').run(['echo', 'hello'])).stdout;
  const failure = (reach: SshHost, more: Partial<ConnectOptions> = {}): Promise<CpaasError> =>
    hello(reach, more).then(
      (said) => expect.fail(`it went well: ${said}`),
      (error) => error,
    );
  const evidence = (error: CpaasError, label: string) =>
    error.evidence.filter((line) => line.label === label).map(({ text }) => text);

  /** A server in front of the sshd that can be cut. */
  const listen = async (onSocket: (socket: Socket) => void): Promise<number> => {
    const one = createServer(onSocket);
    servers.push(one);
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    return (one.address() as { port: number }).port;
  };
  const knownAt = (port: number) => [
    server.file(`known_${port}`, `[127.0.0.1]:${port} ${server.hostKey('ed25519')}\n`),
  ];

  transportContract('SSH', () => {
    const options = {
      secrets: createSecrets(),
      acceptNew: false,
      connectTimeout: 60_000,
      sshConfig: join(folder, 'empty'),
      jump: () => expect.fail('no jump here'),
    };
    return ssh(new SshLink('unit', server.reach(), options));
  });

  describe('logging in', () => {
    it('with a key', async () => {
      expect(await hello(server.reach())).toBe('hello\n');
    });

    it('with an encrypted key and its passphrase', async () => {
      const reach = server.reach({ identityFiles: [server.encrypted] });
      expect(await hello({ ...reach, passphrase: { env: 'PHRASE' } })).toBe('hello\n');
      const without = await failure(reach);
      expect(without.code).toBe('HOST.AUTH');
      expect(evidence(without, 'not used')).toEqual([
        `key ${server.encrypted}: encrypted, and no passphrase is referred to`,
      ]);
      expect(evidence(await failure({ ...reach, passphrase: { env: 'WRONG' } }), 'not used')).toEqual([
        `key ${server.encrypted}: encrypted with another passphrase`,
      ]);
    });

    it('with a password', async () => {
      expect(await hello(server.reach({ identityFiles: [], password: { env: 'PASSWORD' } }))).toBe('hello\n');
    });

    it('with a wrong password it says what the server offers and what was tried, and asks no second time', async () => {
      const own = await startSshd();
      const one = hosts(own.reach({ identityFiles: [own.stranger], password: { env: 'WRONG' } }));
      const error = await one
        .host('unit')
        .run(['true'])
        .catch((error) => error);
      expect(error.code).toBe('HOST.AUTH');
      expect(error.message).toBe('unit does not let root log in');
      expect(evidence(error, 'offered')).toEqual(['publickey, password, keyboard-interactive']);
      expect(evidence(error, 'tried')).toEqual([`key ${own.stranger}, password`]);
      expect(JSON.stringify(error)).not.toContain('not-this-one');
      await expect(one.host('unit').run(['true'])).rejects.toMatchObject({ code: 'HOST.AUTH' });
      await own.logs(/Failed password/, 1);
      await own.stop();
    });

    it('with a key of the agent', async () => {
      const socket = join(folder, 'agent');
      const pid = /AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' }))?.[1];
      try {
        for (const key of [server.stranger, server.key])
          execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
        const config = (lines: string) => ({
          sshConfig: server.file('agent_config', `IdentityAgent ${socket}\n${lines}`),
        });
        const reach = server.reach({ identityFiles: [] });
        expect(await hello(reach, config(''))).toBe('hello\n');
        const only = `IdentitiesOnly yes\nIdentityFile ${server.stranger}\n`;
        expect((await failure(reach, config(only))).code).toBe('HOST.AUTH');
        expect(await hello(reach, config(`IdentitiesOnly yes\nIdentityFile ${server.key}\n`))).toBe('hello\n');
      } finally {
        process.kill(Number(pid));
      }
    });

    it('with a key and a password, where the server wants both', async () => {
      const both = await startSshd({ options: ['AuthenticationMethods publickey,password'] });
      expect(await hello(both.reach({ password: { env: 'PASSWORD' } }))).toBe('hello\n');
      const error = await failure(both.reach());
      expect(error.code).toBe('HOST.AUTH');
      expect(evidence(error, 'offered')).toEqual(['password']);
      await both.stop();
    });

    it('ends where the server has had enough', async () => {
      const strict = await startSshd({ options: ['MaxAuthTries 1'] });
      const error = await failure(strict.reach({ identityFiles: [strict.stranger, strict.key] }));
      expect(error.code).toBe('HOST.AUTH');
      expect(evidence(error, 'tried')).toEqual([`key ${strict.stranger}`]);
      await strict.stop();
    });

    it('as the user’s ssh configuration says', async () => {
      const sshConfig = server.file(
        'ssh_config',
        `Host bigip\n HostName 127.0.0.1\n Port ${server.port}\n User root\n IdentityFile ${server.key}\n UserKnownHostsFile ${server.knownHosts}\n`,
      );
      expect(await hello({ via: 'ssh', host: 'bigip' }, { sshConfig })).toBe('hello\n');
    });
  });

  describe('host keys', () => {
    const line = (type: 'ed25519' | 'rsa', name = `[127.0.0.1]:${server.port}`) => `${name} ${server.hostKey(type)}\n`;
    const known = (name: string, content: string) => server.reach({ knownHosts: [server.file(name, content)] });

    it('an unknown key is refused, with its fingerprint and how to accept it', async () => {
      const error = await failure(known('nobody', ''));
      expect(error.code).toBe('HOST.KEY_UNKNOWN');
      const [, print] = execFileSync('ssh-keygen', ['-l', '-f', join(server.folder, 'host_ed25519.pub')], {
        encoding: 'utf8',
      }).split(' ');
      expect(evidence(error, 'seen')).toEqual([`ssh-ed25519 ${print}`]);
      expect(error.next.map(({ label }) => label).join()).toContain('--accept-new-host-keys');
    });

    it('an unknown key that is accepted is kept in the cluster’s own file, and known from then on', async () => {
      const knownHosts = join(folder, 'state', 'known_hosts');
      expect(await hello(known('nobody', ''), { knownHosts, acceptNew: true })).toBe('hello\n');
      expect(readFileSync(knownHosts, 'utf8')).toBe(line('ed25519'));
      expect(statSync(knownHosts).mode & 0o777).toBe(0o600);
      expect(await hello(known('nobody', ''), { knownHosts })).toBe('hello\n');
      await hello(known('nobody', ''), { knownHosts, acceptNew: true });
      expect(readFileSync(knownHosts, 'utf8')).toBe(line('ed25519'));
    });

    it('a changed key is refused, also where new ones are accepted, with both fingerprints and the line', async () => {
      const other = readFileSync(`${server.stranger}.pub`, 'utf8');
      const reach = known('changed', `# comment\n[127.0.0.1]:${server.port} ${other}`);
      const error = await failure(reach, { acceptNew: true, knownHosts: join(folder, 'own') });
      expect(error.code).toBe('HOST.KEY_CHANGED');
      expect(evidence(error, 'expected')[0]).toMatch(/^ssh-ed25519 SHA256:\S{43} \(.*\/changed:2\)$/);
      expect(evidence(error, 'seen')[0]).toMatch(/^ssh-ed25519 SHA256:\S{43}$/);
      expect(existsSync(join(folder, 'own'))).toBe(false);
    });

    it('a file with only an RSA key is enough', async () => {
      expect(await hello(known('rsa', line('rsa')))).toBe('hello\n');
    });

    it('hashed names are read', async () => {
      const reach = known('hashed', line('ed25519') + line('rsa', 'elsewhere'));
      execFileSync('ssh-keygen', ['-q', '-H', '-f', reach.knownHosts?.[0] ?? ''], { stdio: 'ignore' });
      expect(readFileSync(reach.knownHosts?.[0] ?? '', 'utf8')).not.toContain('127.0.0.1');
      expect(await hello(reach)).toBe('hello\n');
    });

    it('a revoked key is refused', async () => {
      const error = await failure(known('revoked', `${line('ed25519')}@revoked * ${server.hostKey('ed25519')}\n`));
      expect(error.code).toBe('HOST.KEY_REVOKED');
    });

    it('the key is what tells the machine from others', async () => {
      expect(await hosts(server.reach()).identity('unit')).toMatch(/^SHA256:\S{43}$/);
    });
  });

  describe('hosts that cannot be reached', () => {
    const seen = async (reach: SshHost, more: Partial<ConnectOptions> = {}) => {
      const error = await failure(reach, more);
      expect(error.code).toBe('HOST.UNREACHABLE');
      return evidence(error, 'seen')[0];
    };

    it('the port is closed', async () => {
      expect(await seen(server.reach({ port: await freePort() }))).toContain('ECONNREFUSED');
    });

    it('the name does not exist', async () => {
      expect(await seen(server.reach({ host: 'cpaas.invalid' }))).toMatch(/ENOTFOUND|EAI_AGAIN/);
    });

    it('connections are accepted, and nothing answers', async () => {
      const port = await listen(() => {});
      expect(await seen(server.reach({ port }), { connectTimeout: 300 })).toBe('no SSH answer within 0.3 s');
    });

    it('somebody else answers', async () => {
      const port = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      expect(await seen(server.reach({ port }))).toBeTruthy();
    });

    it('the proxy command fails: its last words are told', async () => {
      expect(await seen(server.reach({ proxyCommand: ['sh', '-c', 'echo no way >&2; exit 7'] }))).toBe(
        'the proxy command ended with 7: no way',
      );
      expect(await seen(server.reach({ proxyCommand: ['cpaas-no-such-program'] }))).toContain('ENOENT');
    });

    it('the connection is cut in the middle of a command; the next one gets a new connection', async () => {
      const sockets: Socket[] = [];
      const port = await listen((socket) => {
        const inner = tcp(server.port, '127.0.0.1');
        socket.pipe(inner).pipe(socket);
        for (const one of [socket, inner]) one.on('error', () => {});
        inner.on('close', () => socket.destroy());
        socket.on('close', () => inner.destroy());
        sockets.push(socket);
      });
      const host = hosts(server.reach({ port, knownHosts: knownAt(port) })).host('unit');
      const stream = await host.open(['sh', '-c', 'echo started; sleep 1000']);
      const ended = new Promise((resolve) => stream.once('error', resolve));
      const running = host.run(['sleep', '20']).catch((error) => error);
      await new Promise<void>((resolve) => stream.once('data', () => resolve()));
      for (const socket of sockets) socket.destroy();
      expect(await running).toMatchObject({ code: 'HOST.UNREACHABLE', message: expect.stringContaining('sleep') });
      // on a terminal, too: what was said so far is not all
      expect(await ended).toMatchObject({ code: 'HOST.UNREACHABLE', message: expect.stringContaining('sh') });
      expect((await host.run(['echo', 'back'])).stdout).toBe('back\n');
      expect(sockets.length).toBe(2);
    });
  });

  describe('ways there', () => {
    it('ProxyCommand, with the tokens of ssh', async () => {
      const reach = server.reach({ proxyCommand: ['socat', '-', 'TCP:%h:%p'] });
      expect(await hello(reach)).toBe('hello\n');
    });

    it('ProxyJump: hosts behind one bastion share the connection to it', async () => {
      const bastion = await startSshd();
      const sshConfig = server.file(
        'jump_config',
        `Host bastion\n HostName 127.0.0.1\n Port ${bastion.port}\n User root\n IdentityFile ${bastion.key}\n UserKnownHostsFile ${bastion.knownHosts}\n`,
      );
      const reach = server.reach({ proxyJump: 'bastion' });
      const one = hosts(reach, { sshConfig });
      one.add('second', { name: 'second', reach: { ...reach, user: 'root' } });
      const answers = await Promise.all(
        ['unit', 'second'].map((key) => one.host(key).run(['sh', '-c', 'echo $SSH_CONNECTION'])),
      );
      expect(answers.map(({ stdout }) => stdout.trim().split(' ').at(-1))).toEqual([
        `${server.port}`,
        `${server.port}`,
      ]);
      await bastion.logs(/Accepted publickey/, 1);
      // The bastion's own key is checked as well.
      const error = await failure(reach, {
        sshConfig: server.file(
          'jump_unknown',
          readFileSync(sshConfig, 'utf8').replace(/UserKnownHostsFile.*/, 'UserKnownHostsFile /dev/null'),
        ),
      });
      expect(error).toMatchObject({ code: 'HOST.KEY_UNKNOWN', message: expect.stringContaining('bastion') });
      await one.closeAll();
      await bastion.stop();
    });

    it('jumps in a circle are told', async () => {
      const sshConfig = server.file('circle', 'Host a\n ProxyJump b\nHost b\n ProxyJump a\n');
      const error = await failure({ via: 'ssh', host: 'a' }, { sshConfig });
      expect(error).toMatchObject({ code: 'HOST.UNREACHABLE', message: expect.stringContaining('circle') });
    });
  });

  describe('one connection', () => {
    it('carries a thousand commands at once', async () => {
      const own = await startSshd();
      const host = hosts(own.reach()).host('unit');
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, at) => host.query(reading(['echo', String(at)]))),
      );
      expect(answers.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 1000 }, (_, at) => at));
      await own.logs(/Accepted publickey/, 1);
      await own.stop();
    });

    it('asks several questions in one session', async () => {
      const own = await startSshd();
      const host = hosts(own.reach()).host('unit');
      await host.query(reading(['true']));
      await host.queryAll(Array.from({ length: 20 }, () => reading(['true'])));
      await host.query(reading(['true']));
      await own.logs(/Starting session/, 3);
      await own.stop();
    });

    it('does with as few sessions as the server admits', async () => {
      const narrow = await startSshd({ options: ['MaxSessions 2'] });
      const one = hosts(narrow.reach());
      const host = one.host('unit');
      const answers = await Promise.all(Array.from({ length: 30 }, () => host.run(['echo', 'x'])));
      expect(answers).toHaveLength(30);
      await one.closeAll();
      await narrow.stop();
    });

    it('goes on after a program that was given up holds the only session', async () => {
      const narrow = await startSshd({ options: ['MaxSessions 1'] });
      const one = hosts(narrow.reach());
      const host = one.host('unit');
      await expect(host.run(['sleep', '20'], { timeout: 300 })).rejects.toMatchObject({
        code: 'HOST.TIMEOUT',
      });
      expect((await host.run(['echo', 'on'])).stdout).toBe('on\n');
      await one.closeAll();
      await narrow.stop();
    });

    it('Ctrl-C ends what looks, and leaves alone what changes', async () => {
      const stop = new AbortController();
      const host = hosts(server.reach(), { signal: stop.signal }).host('unit');
      const looking = host.query(reading(['tail', '-n', '1', '/dev/stdin'])).catch((error) => error);
      const changing = host.run(['sh', '-c', 'sleep 0.5; echo done']);
      await looking;
      const waiting = host.queryAll([reading(['timeout', '100', 'ping', '-c', '100', '127.0.0.1'])]);
      stop.abort(new Error('Ctrl-C'));
      await expect(waiting).rejects.toThrow('Ctrl-C');
      expect((await changing).stdout).toBe('done\n');
    });

    it('tells of every command, secrets left out', async () => {
      const events: Event[] = [];
      const secrets = createSecrets({ env: { PASSWORD } });
      const one = hosts(server.reach({ identityFiles: [], password: { env: 'PASSWORD' } }), {
        secrets,
        emit: (event) => events.push(event),
      });
      await one.host('unit').queryAll([reading(['true']), reading(['cat', '/etc/hostname'])]);
      const said = one.host('unit').run(['sh', '-c', 'echo "$0" >&2; exit 1', PASSWORD]);
      const error: CpaasError = await said.catch((error) => error);
      expect(error.code).toBe('HOST.COMMAND');
      expect(JSON.stringify([error, error.message, error.evidence])).not.toContain('sesame');
      expect(evidence(error, 'answer')).toEqual(['•••']);
      expect(events).toMatchObject([
        { type: 'command', host: 'unit', argv: ['true'], reads: true, code: 0 },
        { type: 'command', host: 'unit', argv: ['cat', '/etc/hostname'], reads: true, code: 0 },
        { type: 'command', host: 'unit', argv: ['sh', '-c', 'echo "$0" >&2; exit 1', '•••'], reads: false, code: 1 },
      ]);
    });
  });
});

describe.skipIf(noSshd !== undefined)('network namespaces', () => {
  let pipe: string;
  let server: Sshd;
  beforeAll(async () => {
    // a run of the tests that was killed leaves it
    spawnSync('ip', ['netns', 'del', NAMESPACE]);
    execFileSync('ip', ['netns', 'add', NAMESPACE]);
    execFileSync('ip', ['-n', NAMESPACE, 'link', 'set', 'lo', 'up']);
    server = await startSshd({ inside: ['ip', 'netns', 'exec', NAMESPACE], port: 22 });
    const source = readFileSync(new URL('../../src/transport/pipe.ts', import.meta.url), 'utf8');
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    pipe = server.file('pipe.mjs', ts.transpileModule(source, { compilerOptions: options }).outputText);
  });
  afterAll(async () => {
    await server?.stop();
    spawnSync('ip', ['netns', 'del', NAMESPACE]);
  });

  transportContract('a network namespace', () => netns('node', NAMESPACE));

  it('has links of its own, and programs of its own first', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'cpaas-bin-'));
    writeFileSync(join(bin, 'birdcl'), '#!/bin/sh\necho stand-in "$@"\n', { mode: 0o755 });
    const node = netns('node', NAMESPACE, [bin]);
    expect((await node.exec(['birdcl', 'show'])).stdout).toBe('stand-in show\n');
    expect(JSON.parse((await node.exec(['ip', '-j', 'link'])).stdout)).toHaveLength(1);
    rmSync(bin, { recursive: true });
  });

  it('that do not exist cannot be reached', async () => {
    const gone: Connection = netns('node', 'cpaas-gone');
    for (const act of [() => gone.exec(['true']), () => gone.open(['true'])])
      await expect(act()).rejects.toMatchObject({
        code: 'HOST.UNREACHABLE',
        message: 'node: network namespace cpaas-gone does not exist',
      });
  });

  describe('SSH into one, through a pipe', () => {
    const through = async (port: string) => {
      const proxyCommand = ['ip', 'netns', 'exec', NAMESPACE, process.execPath, pipe, '%h', port];
      const secrets = createSecrets();
      const spec = { name: 'unit', reach: server.reach({ proxyCommand }) };
      const one = openHosts({ unit: spec }, { secrets, emit: () => {}, sshConfig: '/dev/null' });
      try {
        return await one.host('unit').run(['ip', '-br', 'link']);
      } finally {
        await one.closeAll();
      }
    };

    it('reaches a server that nobody else can reach', async () => {
      expect((await through('%p')).stdout).toMatch(/^lo\s/);
    });

    it('says why it cannot', async () => {
      await expect(through('23')).rejects.toMatchObject({
        code: 'HOST.UNREACHABLE',
        evidence: [{ label: 'seen', text: expect.stringContaining('ECONNREFUSED 127.0.0.1:23') }],
      });
    });
  });
});
