import { expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { fingerprints } from '../../../src/host/apt/openpgp.ts';
import { hostRepositories, repository } from '../../../src/steps/host/repositories.ts';
import { fakeDebian } from '../../helpers/fake-debian.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

// made with gpg 2.2.40 for this test; nobody has its private half
const KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mQENBGsHIz8BCADER00FKfD45UNGjvb0uGQ63FliWytkz/24t97Y1Fqg3M1+qxvX
uC28jW/5LyGk6N7H3W4KMB9aIx1vGAEK/fyexGpSepRgeyqVcS/R4+NgIg+0gTtK
Ez7LjixS4x7CUPic/+NlSjxV+SeegZN2FwuB4rT8gj+GHun5NLDVTyAjY7823yvt
/eqg7uQLyj89b+NB3imHF7wihgqfrofS9EK7tSb0O5LuAJlaJD5jO8R2IQ+oWYuT
Tf2MUEpRzTqZPodQn98tlrdSZ3FNu28SgpyBFvrd5zYwKlxRtQm80OKntFcjntDj
CX9U1SEJqMQ8nhIYDOGVrk4iiyGaH0063VmvABEBAAG0HWNwYWFzIHRlc3QgPHRl
c3RAZXhhbXBsZS5jb20+iQFOBBMBCgA4FiEEkcXjvpWBmmNZxga/kzF0/AnmCb0F
AmsHIz8CGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQkzF0/AnmCb0L+QgA
s8u7vKmNntuz/4OGj+3+drcWpCXmcgPZxxvTu6HfkjpegbVv6Ncac6f904yniT5r
IBFJFiYhBhtItkYXMcP+XYsJNAH3VS0TX7qn+OEaoIEGP/PQjnDtI0Pg+IOMekbF
KT7iTb3Aw4PzeYQavTw4XZ0Lh4zySC39krGTpi3pshZo7B+2+OCQ5glR8N8U+boC
mLiEX942M/l4AwV4MsHjkzIeoYMv+BBSSTXRGRF1RjjQiI/mnlgY8o52sKacY7O5
EesfUNnh6X4syVxAOG5jZ1d5os9BmAd/kQPT4w5jkN6TygeDjUaboGbZzBTciy12
SUcipWiHFbMju7/LEasNMg==
=afVJ
-----END PGP PUBLIC KEY BLOCK-----`;
const FINGERPRINT = '91C5E3BE95819A6359C606BF933174FC09E609BD';
const URL = 'https://download.example.com/linux/debian/gpg';
const place = { host: 'vm', set: 'docker', keys: { docker: URL } };
const source = {
  name: 'docker',
  uri: 'https://download.example.com/linux/debian',
  suite: 'bookworm',
  components: ['stable'],
  architecture: 'amd64',
  keyUrl: URL,
  fingerprint: FINGERPRINT,
};
const world = (files: Readonly<Record<string, string>> = {}) =>
  fakeDebian('vm', {
    files,
    folders: ['/etc/apt/', '/etc/apt/keyrings/', '/etc/apt/sources.list.d/'],
    web: { [URL]: KEY },
  });

stepLaws('host.repositories', {
  step: hostRepositories,
  place,
  world,
  // the key is looked at in between
  verbatim: false,
  wishes: [[repository(source)], [repository({ ...source, suite: 'trixie' })]],
});

const look = async (step: ReturnType<typeof hostRepositories>, found = world()) =>
  reconcile(step, await step.read(fakeContext(found.machines), new Set(step.want.keys())), new Map());

test('a fingerprint is that of the primary key, whatever surrounds it', () => {
  expect(fingerprints(KEY)).toEqual([FINGERPRINT]);
  expect(fingerprints(`Comment before\n${KEY}\n${KEY}`)).toEqual([FINGERPRINT, FINGERPRINT]);
  for (const broken of ['', 'hello', KEY.slice(0, 120), KEY.replace('\n\n', '\n\nAAAA')])
    expect(fingerprints(broken)).not.toContain(FINGERPRINT);
});

test('the source names the key that signs it', () => {
  const step = hostRepositories(place, [repository(source)]);
  const change = {
    key: 'docker',
    from: undefined,
    to: repository(source)[1],
    before: undefined,
    cause: 'wanted',
  } as const;
  expect(step.describe(change)).toBe('docker: https://download.example.com/linux/debian bookworm');
  expect(step.commands([change])[3]?.stdin).toMatchInlineSnapshot(`
    "Types: deb
    URIs: https://download.example.com/linux/debian
    Suites: bookworm
    Components: stable
    Architectures: amd64
    Signed-By: /etc/apt/keyrings/docker.asc
    "
  `);
});

test('a key with another fingerprint is never put where apt looks', async () => {
  const found = world();
  const step = hostRepositories(place, [repository({ ...source, fingerprint: '0'.repeat(40) })]);
  const before = found.dump();
  await expect(step.write(fakeContext(found.machines), (await look(step, found)).changes)).rejects.toMatchObject({
    code: 'APT.KEY',
    evidence: [{ text: '0'.repeat(40) }, { text: FINGERPRINT }, { text: URL }],
  });
  expect(found.dump()).toEqual(before);
});

test("somebody else's source of the same name is a conflict", async () => {
  const theirs = world({ '/etc/apt/sources.list.d/docker.sources': 'Types: deb\n' });
  const { conflicts } = await look(hostRepositories(place, [repository(source)]), theirs);
  expect(conflicts).toMatchObject([{ key: 'docker' }]);
});

test.each([
  [
    '/etc/apt/sources.list.d/docker.list',
    `deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] ${source.uri} bookworm stable\n`,
    true,
  ],
  ['/etc/apt/sources.list', `deb ${source.uri}/ bookworm stable\n`, true],
  [
    '/etc/apt/sources.list.d/other.sources',
    `Types: deb\nURIs: https://deb.debian.org/debian ${source.uri}\nSuites: bookworm\n`,
    true,
  ],
  ['/etc/apt/sources.list.d/src.list', ` deb-src ${source.uri} bookworm stable\n`, true],
  ['/etc/apt/sources.list.d/http.list', `deb ${source.uri.replace('https', 'http')} bookworm stable\n`, true],
  [
    '/etc/apt/sources.list.d/other.sources',
    `Types: deb\nEnabled: yes\nuris:\n https://deb.debian.org/debian\n# and\n ${source.uri}\nSuites: bookworm\n`,
    true,
  ],
  [
    '/etc/apt/sources.list.d/other.sources',
    `Enabled: no\nTypes: deb\nURIs: https://x.example/\n\nTypes: deb\nURIs: ${source.uri}\nSuites: bookworm\n`,
    true,
  ],
  [
    '/etc/apt/sources.list.d/other.sources',
    `Types: deb\nURIs: https://x.example/\n\nTypes: deb\nURIs: ${source.uri}\nSuites: bookworm\nEnabled: No\n`,
    false,
  ],
  ['/etc/apt/sources.list.d/other.sources', `#Types: deb\n#URIs: ${source.uri}\n#Suites: bookworm\n`, false],
  ['/etc/apt/sources.list.d/near.list', `deb https://x.example/ bookworm main # ${source.uri}\n`, false],
  ['/etc/apt/sources.list.d/docker.list', `# deb ${source.uri} bookworm stable\n`, false],
  ['/etc/apt/sources.list.d/docker.list.save', `deb ${source.uri} bookworm stable\n`, false],
  ['/etc/apt/sources.list.d/near.list', `deb ${source.uri}-archive bookworm main\n`, false],
])('%s with the same repository, as %j, is a conflict: %s', async (path, text, is) => {
  const { conflicts } = await look(hostRepositories(place, [repository(source)]), world({ [path]: text }));
  expect(conflicts).toMatchObject(is ? [{ key: 'docker', why: expect.stringContaining(path) }] : []);
});
