import { expect, test } from 'vitest';
import { runCpaas } from '../helpers/run-cpaas.ts';
import { calls } from './calls.ts';
import { allCommands, wrongIn } from './program.ts';

const commands = await allCommands();

test('the help of every command and subcommand shows examples, each with what it does', async () => {
  const poor: string[] = [];
  for (const { words } of commands) {
    const { code, stdout } = await runCpaas([...words, '--help']);
    expect(code).toBe(0);
    const [, shown = ''] = stdout.split('\nExamples:\n');
    // what it does stands beside the line, or below it where there is no room
    const lines = shown
      .replaceAll(/^( {2}\S.*)\n {6}(?=\S)/gm, '$1   ')
      .split('\n')
      .filter((line) => line.trim() !== '');
    if (lines.length === 0) poor.push(`${words.join(' ')}: no examples`);
    poor.push(...lines.filter((line) => !/^ {2}\S.*? {3,}\S/.test(line)).map((line) => `${words.join(' ')}: ${line}`));
    const wide = shown.split('\n').filter((line) => line.length > 80 && !/^ {2}cpaas /.test(line));
    poor.push(...wide.map((line) => `${words.join(' ')}: wider than 80: ${line}`));
    const beside = shown.split('\n').filter((line) => line.length > 80 && /^ {2}\S.*? {3,}\S/.test(line));
    poor.push(...beside.map((line) => `${words.join(' ')}: wider than 80 for what stands beside it: ${line}`));
  }
  expect(poor).toEqual([]);
});

test('what the examples of the help call is there: every command, every flag', async () => {
  const helps = await Promise.all(commands.map(({ words }) => runCpaas([...words, '--help'])));
  const shown = helps.flatMap(({ stdout }) => calls(stdout.split('\nExamples:\n')[1] ?? ''));
  expect(shown.length).toBeGreaterThan(commands.length);
  expect(shown.flatMap((call) => wrongIn(call, commands))).toEqual([]);
});

test('cpaas help asks for the same as --help', async () => {
  for (const words of [['plan'], ['bgp', 'peer'], []]) {
    const asked = await runCpaas(['help', ...words]);
    expect(asked).toEqual(await runCpaas([...words, '--help']));
    expect(asked).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Usage: ${['cpaas', ...words].join(' ')} [`),
    });
  }
  expect(await runCpaas('help help')).toEqual(await runCpaas('--help'));
  // another program's words are its own
  expect((await runCpaas('explain help')).code).toBe(2);
});

test('cpaas alone prints its help, and every verb is in it', async () => {
  const { code, stdout } = await runCpaas('');
  expect(code).toBe(0);
  const verbs = commands.filter(({ words }) => words.length === 1).map(({ words: [verb] }) => verb);
  expect(verbs.filter((verb) => !stdout.includes(`\n  ${verb} `))).toEqual([]);
});
