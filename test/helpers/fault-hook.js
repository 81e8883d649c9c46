// Preloaded with `node --import` into the built program: tells every boundary of a run as it is passed, and ends the process at one.
// Nothing in the product knows of it. It stands around what the product is made of: node:fs (the journal), node:child_process
// (commands on this machine and in namespaces) and ssh2 (commands and typed lines on units).
//
//   CPAAS_FAULT_TRACE  file to which each boundary is appended, one JSON object a line
//   CPAAS_FAULT_AT     the boundary at which something happens; with `torn`, the process ends when a journal entry is written by half
//   CPAAS_FAULT_DO     what happens there, once: {"signal": "SIGTERM"} to the process itself (SIGKILL when left out), {"run": [argv]}
//                      meanwhile, {"cut": true} of every SSH connection
import childProcess, { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isReading } from '../../dist/core/reading.js';

const { CPAAS_FAULT_TRACE: trace, CPAAS_FAULT_AT: wanted, CPAAS_FAULT_DO: what = '{"signal":"SIGKILL"}' } = process.env;
let at = wanted === undefined ? undefined : JSON.parse(wanted);
const clients = new Set();

/** Where the run stands: the step whose intent was written last, and how many things were sent since its last entry. */
let step = '';
let window = 'survey';
let changes = 0;

const same = (one, other) => Object.keys(one).every((key) => one[key] === other[key]);
const die = () => process.kill(process.pid, 'SIGKILL');

function boundary(here) {
  if (trace) original.appendFileSync(trace, `${JSON.stringify(here)}\n`);
  if (!at || !same(at, here)) return;
  at = undefined;
  const { signal, run, cut } = JSON.parse(what);
  if (signal) process.kill(process.pid, signal);
  if (run) execFileSync(run[0], run.slice(1), { stdio: 'ignore' });
  if (cut) for (const client of clients) client.destroy();
}

// the journal
const original = { ...fs };
const journals = new Map();
fs.openSync = (path, ...words) => {
  const file = original.openSync(path, ...words);
  if (String(path).endsWith('/journal.ndjson')) journals.set(file, undefined);
  return file;
};
fs.closeSync = (file) => {
  journals.delete(file);
  return original.closeSync(file);
};
fs.writeSync = (file, bytes, ...words) => {
  if (!journals.has(file)) return original.writeSync(file, bytes, ...words);
  const entry = JSON.parse(Buffer.from(bytes).toString());
  const of = { entry: entry.type, step: entry.step ?? '' };
  journals.set(file, of);
  boundary({ when: 'before', ...of });
  if (at && same(at, { when: 'torn', ...of })) {
    original.writeSync(file, bytes, 0, Math.floor(bytes.length / 2), words[2]);
    die();
  }
  return original.writeSync(file, bytes, ...words);
};
fs.fsyncSync = (file) => {
  original.fsyncSync(file);
  const of = journals.get(file);
  if (of === undefined) return;
  journals.set(file, undefined);
  if (of.entry === 'intent') step = of.step;
  window = of.entry;
  changes = 0;
  boundary({ when: 'after', ...of });
};

// what is sent
const NAMESPACE = ['ip', 'netns', 'exec'];
function inner(argv) {
  let words = argv;
  if (NAMESPACE.every((word, index) => words[index] === word)) words = words.slice(4);
  while (words[0] === 'env' || /^\w+=/.test(words[0] ?? '')) words = words.slice(1);
  return words;
}
/** Several questions in one round trip go as a script on stdin; nothing else does. */
const asks = (argv) => argv.join(' ') === 'sh -s' || isReading(argv);
function sent(text, reads) {
  if (window === 'survey') return;
  if (!reads) changes += 1;
  boundary({ when: reads ? 'reads' : 'sends', window, step, changes, text: text.slice(0, 120) });
}

const { spawn } = childProcess;
childProcess.spawn = (file, args = [], ...words) => {
  const argv = inner([file, ...(Array.isArray(args) ? args : [])]);
  const reads = asks(argv);
  if (reads) sent(argv.join(' '), true);
  const child = spawn(file, args, ...words);
  // after it was started: it may well come to its end without us
  if (!reads) sent(argv.join(' '), false);
  return child;
};

/** The words of a command line as `core/quote` writes it. */
const unquoted = (line) =>
  (line.match(/(?:[^\s']|'[^']*')+/g) ?? []).map((word) =>
    word.replaceAll("'\\''", '\0').replaceAll("'", '').replaceAll('\0', "'"),
  );

const { Client } = createRequire(import.meta.url)('ssh2');
const { exec } = Client.prototype;
Client.prototype.exec = function (command, options, heard) {
  clients.add(this);
  const asked = typeof options === 'function' ? options : heard;
  sent(command, asks(unquoted(command)));
  const listen = (error, channel) => {
    if (channel && typeof options === 'object' && options.pty) {
      const { write } = channel;
      channel.write = (text, ...more) => {
        const result = write.call(channel, text, ...more);
        const typed = String(text).trim();
        if (typed !== '') sent(typed, /^(show|enable|end|exit|quit|terminal)\b/.test(typed));
        return result;
      };
    }
    asked(error, channel);
  };
  return typeof options === 'function' ? exec.call(this, command, listen) : exec.call(this, command, options, listen);
};
syncBuiltinESMExports();
