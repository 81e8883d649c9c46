import { type Fields, isMap, missingAnchor } from './manifest-patch.ts';

/** What install-cni fills in without quotes, such as a number, keeps the template from being JSON. */
const BARE = /(:\s*)(__[A-Z_]+__)/g;
const HELD = /"<bare>(__[A-Z_]+__)"/g;

/** Changes a CNI network configuration with the placeholders of Calico's installer in it. */
export function changeCniTemplate(template: string, change: (network: Fields) => Fields): string {
  let network: unknown;
  try {
    network = JSON.parse(template.replace(BARE, '$1"<bare>$2"'));
  } catch {
    throw missingAnchor('the JSON of cni_network_config');
  }
  if (!isMap(network)) throw missingAnchor('the JSON of cni_network_config');
  return JSON.stringify(change(network), undefined, 2).replace(HELD, '$1');
}
