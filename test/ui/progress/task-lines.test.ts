import { describe, expect, test } from 'vitest';
import wrapAnsi from 'wrap-ansi';
import type { Event } from '../../../src/core/events.ts';
import { follow, type Row, startPhase } from '../../../src/ui/progress/progress.ts';
import { endedLines, liveLine } from '../../../src/ui/progress/task-lines.ts';
import { plainStyle } from '../../../src/ui/text/style.ts';

const view = (width: number) => ({ style: plainStyle, width, verbose: false });
const detail = '12 of 12 lines · reverts by itself in 1:59';
const typing: Row = {
  ...{ name: 'bigip1', state: 'running', applied: [], remarks: [], failed: [], left: new Set(), seconds: 0 },
  doing: `router bgp 4200000000: ${detail}`,
  detail,
};

describe('the line of a change of BGP', () => {
  test('says what it is about where there is room', () => {
    expect(liveLine(typing, view(97))).toBe(`bigip1            router bgp 4200000000: ${detail}`);
  });

  test('keeps what protects the user meanwhile where there is none, down to 60 columns', () => {
    expect(liveLine(typing, view(78))).toBe(`bigip1            ${detail}`);
    expect(liveLine(typing, view(58))).toBe(`bigip1       ${detail}`);
  });
});

test('a row that has ended fits on its line as listr2 counts: its sign is two columns wide there', () => {
  const titles = ['BGP on route domain 0', 'self-IP internal', 'static routes', 'router bgp 64512 (8 changes)'];
  const ended = liveLine({ ...typing, state: 'ended', applied: titles }, view(78));
  const whole = { hard: true, trim: false };
  expect(wrapAnsi(`✔ ${ended}`, 78, whole)).toBe(`✔ ${ended}`);
  expect(ended).toMatch(/static routes, ?…$/);
});

describe('a gate', () => {
  const phase = (...events: readonly Event[]) => {
    const progress = startPhase({ type: 'phase.start', phase: 'Routers', by: 'host', steps: [] }, (text) => text);
    for (const event of events) follow(progress, event);
    return endedLines(progress, view(80));
  };
  const open: Event = { type: 'gate.open', gate: 'sessions and routes', phase: 'Routers', seconds: 2 };

  test('that was waited at has its line', () => {
    const wait: Event = { type: 'gate.wait', gate: 'sessions and routes', phase: 'Routers', missing: 'all' };
    expect(phase(wait, open).join('')).toContain('sessions and routes');
  });

  test('that was open has none: an up that changes nothing says so in its last line alone', () => {
    expect(phase(open)).toEqual([]);
  });

  test('that was open has none beside one that was waited at, before it or after', () => {
    const wait: Event = { type: 'gate.wait', gate: 'nodes Ready', phase: 'Routers', missing: 'all' };
    const passed: Event = { type: 'gate.open', gate: 'nodes Ready', phase: 'Routers', seconds: 3 };
    for (const lines of [phase(wait, passed, open), phase(open, wait, passed), phase(wait, passed, passed)]) {
      expect(lines.join('').match(/nodes Ready/g)).toHaveLength(1);
      expect(lines.join('')).not.toContain('sessions and routes');
    }
  });
});
