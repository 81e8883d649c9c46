import { median, onLab, seconds } from '../measure.js';

export const needsRoot = true;

const spec = {
  provider: { lab: { topology: 'vm', servers: 1, agents: 3, docker: '28.2' } },
  routers: [{ name: 'bigip1', address: '10.10.2.20' }],
};

/** `up` on a lab that runs already, and again when there is nothing to do. */
export const measure = () =>
  onLab('vm', spec, async (cpaas) => {
    cpaas('lab', 'up');
    const first = await seconds(() => cpaas('up'));
    const again = [];
    for (let at = 0; at < 5; at++) again.push(await seconds(() => cpaas('up')));
    return [
      { what: 'up on a running vm lab', value: first, unit: ' s', most: 12 },
      { what: 'up with nothing to do', value: median(again), unit: ' s', most: 3 },
    ];
  });
