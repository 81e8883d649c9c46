import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type AtStake, askConsent, atStakeText } from '../../../src/ui/prompts/ask.ts';
import { narrow } from '../screens/documents.ts';

const interrupts: AtStake = {
  risk: 'disruptive',
  title: 'packet filter rules',
  host: 'cpaas1-vm',
  why: 'traffic from bigip1 to pods stops',
  text: 'filter: accept bigip1',
};
const destroys: AtStake = {
  risk: 'destructive',
  title: 'router bgp 64512',
  host: 'bigip1',
  why: 'the sessions with 172.19.0.2 and 172.19.0.3 end',
  text: 'no router bgp 64512',
};
const consent = (...atStake: AtStake[]) => ({ atStake, cluster: 'cpaas1', command: 'down' });

function terminal(tty = true) {
  const input = Object.assign(new PassThrough(), { isTTY: tty });
  const output = Object.assign(new PassThrough(), { isTTY: tty, columns: 80 });
  let shown = '';
  const asked = new Promise<void>((resolve) => {
    output.on('data', (text) => {
      shown += text;
      if (/Go on\?|type the name/.test(shown)) resolve();
    });
  });
  return { input, output, view: narrow, asked, shown: () => shown };
}

async function answer(keys: string, ...atStake: AtStake[]): Promise<'yes' | 'no'> {
  const screen = terminal();
  const answered = askConsent(consent(...atStake), screen);
  await screen.asked;
  screen.input.write(keys);
  return answered;
}

test('the question names what is at stake, the worst first', () => {
  const nat = { ...interrupts, text: 'nat: keep sources' };
  expect(atStakeText(consent(interrupts, nat, destroys), narrow)).toMatchInlineSnapshot(`
    "This destroys (1 change):
      router bgp 64512 on bigip1
        no router bgp 64512
        → the sessions with 172.19.0.2 and 172.19.0.3 end
    This interrupts (2 changes):
      packet filter rules on cpaas1-vm
        filter: accept bigip1
        nat: keep sources
        → traffic from bigip1 to pods stops"
  `);
});

test('the default is no', async () => {
  expect(await answer('\r', interrupts)).toBe('no');
  expect(await answer('y\r', interrupts)).toBe('yes');
});

test('what is destroyed needs the name of the cluster', async () => {
  expect(await answer('y\r', interrupts, destroys)).toBe('no');
  expect(await answer('cpaas1\r', destroys)).toBe('yes');
});

test('leaving the question with Ctrl-C is no', async () => {
  expect(await answer('\u0003', interrupts)).toBe('no');
});

test('without a terminal nobody is asked: what is at stake is told, and how to consent', async () => {
  const asked = askConsent(consent(interrupts), terminal(false));
  await expect(asked).rejects.toMatchObject({
    code: 'CONSENT.NEEDED',
    evidence: [
      {
        label: 'disruptive',
        text: 'packet filter rules on cpaas1-vm: filter: accept bigip1 → traffic from bigip1 to pods stops',
      },
    ],
    next: [{ command: 'cpaas down -y' }],
  });
  await expect(askConsent(consent(destroys), terminal(false))).rejects.toMatchObject({
    next: [{ command: 'cpaas down --confirm cpaas1' }],
  });
  await expect(askConsent({ ...consent(interrupts), command: 'up' }, terminal(false))).rejects.toMatchObject({
    next: [{ command: 'cpaas up -y' }, { command: 'cpaas plan' }],
  });
});
