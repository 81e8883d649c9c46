import { bigip } from '../bigip/part.ts';
import { kube } from '../kube/part.ts';
import { supervise } from './supervise.ts';

await supervise(process.argv[2] ?? '', { kube, bigip });
