import fc from 'fast-check';

/** Names of units as prompts show them. */
const host = fc.constantFrom(
  'bigip1',
  'mel-prod.foobz.com.au',
  'W_A_BIGIP-13.local',
  'ip-10-1-1-9.us-west-2.compute.internal',
  '10',
);

/** What a conversation, a terminal or a page of documentation does to a text without changing what it says. */
export const disturbed = (text: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          (shown: string) => shown.replaceAll('\n', '\r\n'),
          (shown: string) => shown.replaceAll('\n', '\r\r\n'),
          (shown: string) => shown.replaceAll(/^ /gm, '\t'),
          (shown: string) => shown.replaceAll(/(?<=\S)$/gm, '  '),
          (shown: string) => `\u001b[0m\u001b[?7h${shown}\u001b[K`,
          (shown: string) => `Building configuration...\n\nCurrent configuration:\n${shown}`,
          (shown: string) =>
            `Last login: Tue Jul 14 05:03:24 2026 from 10.0.0.1\n*** Authorized users only! ***\nip -- this unit belongs to: NET\n${shown}`,
          (shown: string) => `Welcome\n!\nend\n!\n${shown}`,
          (shown: string) => `!\nAuthorized users only\n!\nThis unit is watched\n${shown}`,
          (shown: string) => `!\n! Authorized users only\n!\nend\nThis is the end of it.\n${shown}`,
          (shown: string) => `  !\n  Welcome\n  end\n${shown}`,
          (shown: string) => `${shown}logout\nConnection to bigip1 closed.\n`,
        ),
        host.map((name) => (shown: string) => `${name}[0]>enable\n${name}[0]#show running-config\n${shown}${name}[0]#`),
        host.map(
          (name) => (shown: string) =>
            `root@(${name})(cfg-sync In Sync)(Active)(/Common)(tmos)# run util imish\n${shown}[root@${name}:Active:In Sync] config # `,
        ),
        fc.integer({ min: 1, max: 9 }).map(
          (rows) => (shown: string) =>
            shown
              .split('\n')
              .map((line, at) => (at % rows === 0 ? `--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b${line}` : line))
              .join('\n'),
        ),
        fc.integer({ min: 1, max: 9 }).map(
          (rows) => (shown: string) =>
            shown
              .split('\n')
              .map((line, at) => (at % rows === 0 ? ` --More-- \r          \r${line}` : line))
              .join('\n'),
        ),
        fc
          .integer({ min: 1, max: 12 })
          .map((margin) => (shown: string) => shown.replaceAll(/^(?=.)/gm, ' '.repeat(margin))),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((all) => all.reduce((shown, disturb) => disturb(shown), text));
