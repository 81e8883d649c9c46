import { providerWords } from '../../config/init.ts';
import { NETWORK_DEFAULTS } from '../../config/schema/network.ts';
import { isClusterName } from '../../core/cluster-name.ts';
import { parseAsn } from '../../net/asn.ts';
import { parseAddress, parseNetwork } from '../../net/cidr.ts';
import type { Questions } from '../../ui/prompts/questions.ts';
import type { InitFlags } from './flags.ts';

/** Asks for what the flags of `cpaas init` say, and gives it back as if they had been typed. */
export async function askInit({ text, choice }: Questions): Promise<InitFlags> {
  const name = await text('Name of the cluster:', {
    default: 'cpaas1',
    wrong: (answer) => (isClusterName(answer) ? undefined : NAME),
  });
  const provider = await choice('Where does the cluster come from?', providerWords);
  const flags = { name, provider, ...(await OF_PROVIDER[provider]({ text, choice })) };
  const asNumber = await text("The cluster's AS number:", {
    default: '64512',
    wrong: (answer) => (parseAsn(answer) === undefined ? 'From 1 to 4294967295, or as 1.10' : undefined),
  });
  return {
    ...flags,
    asNumber,
    router: await many('BIG-IP, as NAME=ADDRESS of the self-IP that nodes peer with', text, ROUTER),
  };
}

const NAME = 'Small letters, digits and dashes, at most 32, no dash at either end';
const ROUTER = /^[^=,\s]+=([^=,\s]+)(?:,[^=,\s]+)?$/;
const MACHINE = /^[^=,\s]+=([^=,\s]+)$/;

type Of = (questions: Questions) => Promise<Partial<InitFlags>>;

const OF_PROVIDER: Readonly<Record<InitFlags['provider'] & string, Of>> = {
  async lab({ text, choice }) {
    const topology = await choice('How do the nodes stand?', {
      vm: 'behind one machine, as k3d has them',
      flat: 'on one LAN with the routers',
    });
    return { topology, ...(await sizes(text)) };
  },
  k3d: ({ text }) => sizes(text),
  async kubeadm({ text }) {
    const controlPlane = await many('Control-plane machine, as NAME=ADDRESS', text, MACHINE, 1);
    const worker = await many('Worker, as NAME=ADDRESS', text, MACHINE);
    return { controlPlane, worker, ...(await networks(text, NETWORK_DEFAULTS.machines)) };
  },
  async existing({ text }) {
    const kubeconfig = await text('Its kubeconfig (empty: KUBECONFIG, or ~/.kube/config):');
    const context = await text('Its context (empty: the current one):');
    return {
      ...(kubeconfig ? { kubeconfig } : {}),
      ...(context ? { context } : {}),
      ...(await networks(text, {})),
    };
  },
};

type Text = Questions['text'];

async function sizes(text: Text) {
  const wrong = (answer: string) => (/^[1-9]\d{0,2}$/.test(answer) ? undefined : 'A number from 1 up');
  const servers = Number(await text('Control-plane nodes:', { default: '1', wrong }));
  return { servers, agents: Number(await text('Worker nodes:', { default: '3', wrong })) };
}

async function networks(text: Text, usual: { readonly pods?: string; readonly services?: string }) {
  const network = (message: string, given?: string) =>
    text(message, {
      ...(given === undefined ? {} : { default: given }),
      wrong: (answer) => (parseNetwork(answer) ? undefined : 'A network, such as 10.1.20.0/24'),
    });
  return {
    nodes: await network('The network that the nodes stand in:'),
    pods: await network('The network of the pods:', usual.pods),
    services: await network('The network of the services:', usual.services),
  };
}

/** One answer after the other, until an empty one. */
async function many(message: string, text: Text, pattern: RegExp, least = 0): Promise<readonly string[]> {
  const answers: string[] = [];
  const wrong = (answer: string): string | undefined => {
    if (answer === '' && answers.length >= least) return undefined;
    const [, address = ''] = pattern.exec(answer) ?? [];
    return parseAddress(address) ? undefined : 'A name and an address, such as one=10.1.20.11';
  };
  for (;;) {
    const answer = await text(`${message}${answers.length < least ? '' : ' (empty: no more)'}:`, { wrong });
    if (answer === '') return answers;
    answers.push(answer);
  }
}
