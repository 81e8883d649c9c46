import { Duplex } from 'node:stream';
import type { Mode } from './fake-zebos.ts';

/** How a unit's terminal behaves. */
export interface TerminalHabits {
  /** What the prompt begins with. */
  readonly host?: string;
  readonly routeDomain?: number;
  /** Width at which the echo of a long line is broken, as readline does. */
  readonly columns?: number;
  /** Lines until `--More--`. */
  readonly rows?: number;
  /** Output arrives in pieces of so many characters. */
  readonly piece?: number;
  /** A space follows the prompt. */
  readonly spaceAfterPrompt?: boolean;
  /** `enable` asks for a password. */
  readonly enablePassword?: boolean;
  /** What a login prints before the first prompt. */
  readonly banner?: string;
  /** The line after which nothing comes any more. */
  readonly hangsAt?: string;
}

export interface Behind {
  /** What a line answers in a mode; nothing where none is due. May throw: then the connection is gone. */
  line(line: string, mode: Mode): { readonly say?: string; readonly mode?: Mode };
}

const SUFFIX: Readonly<Record<Mode, string>> = {
  exec: '>',
  enable: '#',
  configure: '(config)#',
  router: '(config-router)#',
  family: '(config-router-af)#',
};

/** imish on a terminal: prompts, echo, banner, pager. */
export function imishTerminal(behind: Behind, habits: TerminalHabits = {}): Duplex {
  const { host = 'bigip1.example.com', routeDomain = 0, columns = 512, rows = 0, piece = 4096 } = habits;
  let mode: Mode = 'exec';
  let typed = '';
  let waiting: readonly string[] = [];
  let asksPassword = false;

  const stream: Duplex = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      try {
        for (const char of String(chunk)) key(char);
        done();
      } catch (error) {
        stream.push(null);
        done(error as Error);
      }
    },
    final(done) {
      stream.push(null);
      done();
    },
  });
  const print = (text: string) => {
    const raw = text.replaceAll('\n', '\r\n');
    for (let at = 0; at < raw.length; at += piece) stream.push(raw.slice(at, at + piece));
  };
  const prompt = () => print(`${host}[${routeDomain}]${SUFFIX[mode]}${habits.spaceAfterPrompt ? ' ' : ''}`);

  function key(char: string): void {
    if (waiting.length > 0) {
      print('\r        \r');
      if (char === 'q') waiting = [];
      page();
      return;
    }
    if (char !== '\n') {
      typed += char;
      return;
    }
    const line = typed;
    typed = '';
    print(`${echo(line)}\n`);
    if (line === habits.hangsAt) return;
    answer(line.trim());
  }

  /** readline breaks a row by a space and a carriage return. */
  function echo(line: string): string {
    const before = `${host}[${routeDomain}]${SUFFIX[mode]}`.length;
    let shown = '';
    for (const [at, char] of [...line].entries())
      shown += (before + at > 0 && (before + at) % columns === 0 ? ' \r' : '') + char;
    return shown;
  }

  function answer(line: string): void {
    if (asksPassword || (line === 'enable' && habits.enablePassword)) {
      asksPassword = true;
      print('Password: ');
      return;
    }
    const { say = '', mode: next = mode } = reply(line);
    mode = next;
    waiting = say === '' ? [] : say.replace(/\n$/, '').split('\n');
    page();
  }

  function page(): void {
    const now = rows > 0 ? waiting.slice(0, rows) : waiting;
    waiting = waiting.slice(now.length);
    if (now.length > 0) print(`${now.join('\n')}\n`);
    if (waiting.length > 0) print('--More--');
    else prompt();
  }

  function reply(line: string): ReturnType<Behind['line']> {
    if (mode === 'exec' && line === 'enable') return { mode: 'enable' };
    if (mode === 'enable' && line === 'disable') return { mode: 'exec' };
    if (mode === 'enable' && line === 'configure terminal')
      return { say: 'Enter configuration commands, one per line.  End with CNTL/Z.', mode: 'configure' };
    return behind.line(line, mode);
  }

  setImmediate(() => {
    print(habits.banner ?? '');
    prompt();
  });
  return stream;
}
