import type { Platform } from './modes.ts';

/** What may stand around the route domain besides: a state of the pair `(cfg-sync In Sync)`, a name `[No Name]`. */
const ASIDE = '(?: ?\\([^()]+\\)| ?\\[[^\\][]+\\])*?';

/** `<FQDN>[<route domain>]`, the mode, and in some transcripts a space. */
const prompt = (mode: string): RegExp =>
  new RegExp(`^(?<host>[\\w.-]+)${ASIDE}\\[(?<routeDomain>\\d+)\\](?:\\[[^\\][]+\\])?${mode}\\s*$`);

/** ZebOS on BIG-IP, as `imish -r N` starts it. */
export const imish: Platform = {
  name: 'imish',
  modes: {
    exec: { prompt: prompt('>'), to: { enable: 'enable' } },
    enable: { prompt: prompt('#'), to: { exec: 'disable', configure: 'configure terminal' } },
    configure: { prompt: prompt('\\(config\\)#'), to: { enable: 'end' } },
    router: { prompt: prompt('\\(config-router\\)#'), to: { configure: 'exit', enable: 'end' } },
    family: { prompt: prompt('\\(config-router-af\\)#'), to: { router: 'exit-address-family', enable: 'end' } },
    other: { prompt: prompt('\\(config-[\\w-]+\\)#'), to: { configure: 'exit', enable: 'end' } },
  },
  pager: { prompt: /^\s*-{2,} ?more ?-{2,}\s*(?:\(\d+%\))?\s*$/i, key: ' ' },
  password: /^password:\s*$/i,
};

/** Starts a conversation. Without a TERM, which SSH gives to no command, imish may not start. */
export const imishShell = (routeDomain: number): readonly string[] => [
  'env',
  'TERM=vt100',
  'imish',
  '-r',
  `${routeDomain}`,
];

/** Runs lines of exec mode: no conversation, no pager, no `enable`. */
export const imishExec = (routeDomain: number, ...lines: readonly string[]): readonly string[] => [
  ...imishShell(routeDomain),
  ...lines.flatMap((line) => ['-e', line]),
];
