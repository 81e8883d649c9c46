import { expect, test } from 'vitest';
import { sourceText } from '../../src/host/apt/source.ts';
import { parseOsRelease, unsupported } from '../../src/host/os-release.ts';
import { dockerPackageVersion, dockerSource } from '../../src/host/publishers.ts';

/** /etc/os-release as each release ships it, without what only people read. */
const debian = (version: string, codename: string) =>
  `PRETTY_NAME="Debian GNU/Linux ${version} (${codename})"\nNAME="Debian GNU/Linux"\nVERSION_ID="${version}"\nVERSION="${version} (${codename})"\nVERSION_CODENAME=${codename}\nID=debian\n`;
const ubuntu = (version: string, codename: string) =>
  `PRETTY_NAME="Ubuntu ${version} LTS"\nNAME="Ubuntu"\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=${codename}\n`;

// the suites that https://download.docker.com/linux has, and how its packages are numbered there
test.each([
  ['debian', '12', 'bookworm', debian],
  ['debian', '13', 'trixie', debian],
  ['ubuntu', '22.04', 'jammy', ubuntu],
  ['ubuntu', '24.04', 'noble', ubuntu],
  ['ubuntu', '25.10', 'questing', ubuntu],
  ['ubuntu', '26.04', 'resolute', ubuntu],
])('%s %s takes Docker from its own suite, %s', (id, version, codename, text) => {
  const os = parseOsRelease(text(version, codename));
  expect(unsupported(os)).toBeUndefined();
  expect(dockerPackageVersion('29.7.2', os)).toBe(`5:29.7.2-1~${id}.${version}~${codename}`);
  expect(sourceText(dockerSource(os, 'arm64'))).toBe(
    `Types: deb
URIs: https://download.docker.com/linux/${id}
Suites: ${codename}
Components: stable
Architectures: arm64
Signed-By: /etc/apt/keyrings/docker.asc
`,
  );
});

test.each([
  [
    'Debian testing',
    'PRETTY_NAME="Debian GNU/Linux forky/sid"\nVERSION_CODENAME=forky\nID=debian\n',
    /none of the releases.*12, 13/,
  ],
  ['Debian 11', debian('11', 'bullseye'), /none of the releases/],
  ['Ubuntu 20.04', ubuntu('20.04', 'focal'), /none of the releases.*22\.04/],
  [
    'Linux Mint',
    'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\nUBUNTU_CODENAME=noble\n',
    /Linux Mint is neither/,
  ],
  ['Fedora', "NAME='Fedora Linux'\nID=fedora\nVERSION_ID=43\n", /Fedora Linux is neither/],
  ['a system that says nothing', '', /a system without a name is neither/],
])('%s is refused with the reason', (_, text, why) => {
  expect(unsupported(parseOsRelease(text))).toMatch(why);
});
