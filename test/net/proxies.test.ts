import { expect, it, test } from 'vitest';
import { NoProxyUrl, proxyFor, proxyPasswords } from '../../src/net/proxies.ts';

const PROXY = 'http://proxy.example.com:3128';
const straight = (url: string, no_proxy: string) =>
  proxyFor(url, { http_proxy: PROXY, https_proxy: PROXY, no_proxy }) === undefined;

it('a proxy is the one for the scheme, in either case of letters, the small ones first', () => {
  const env = { HTTPS_PROXY: 'http://one:3128', https_proxy: 'http://two:3128', HTTP_PROXY: 'three:8080' };
  expect(proxyFor('https://dl.k8s.io/x', env)?.name).toBe('two:3128');
  expect(proxyFor('http://dl.k8s.io/x', env)).toEqual({ url: 'http://three:8080/', name: 'three:8080' });
  expect(proxyFor('https://dl.k8s.io/x', { http_proxy: PROXY })?.name).toBe('proxy.example.com:3128');
  expect(proxyFor('https://dl.k8s.io/x', { https_proxy: '' })).toBeUndefined();
  expect(proxyFor('https://dl.k8s.io/x', { all_proxy: PROXY, ALL_PROXY: PROXY })).toBeUndefined();
});

// curl(1) --noproxy, and golang.org/x/net/http/httpproxy
test.each([
  ['*', 'https://dl.k8s.io/x', true],
  ['k8s.io', 'https://dl.k8s.io/x', true],
  ['.k8s.io', 'https://dl.k8s.io/x', true],
  ['*.k8s.io', 'https://DL.k8s.io/x', true],
  ['8s.io', 'https://dl.k8s.io/x', false],
  ['a.example, dl.k8s.io', 'https://dl.k8s.io/x', true],
  ['dl.k8s.io:443', 'https://dl.k8s.io/x', true],
  ['dl.k8s.io:8443', 'https://dl.k8s.io/x', false],
  ['10.0.0.0/8', 'http://10.1.20.1/x', true],
  ['10.0.0.0/8', 'http://11.1.20.1/x', false],
  ['10.0.0.0/8', 'http://10.example.com/x', false],
  ['10.0.0.0/99', 'http://10.1.20.1/x', false],
  ['10.1.20.1', 'http://10.1.20.1:8080/x', true],
  ['0.1.20.1', 'http://10.1.20.1/x', false],
  ['fd00::/8', 'http://[fd00::1]/x', true],
  ['fd00::1', 'http://[fd00::1]:8080/x', true],
  ['[fd00::1]:8080', 'http://[fd00::1]:8080/x', true],
  ['', 'http://10.1.20.1/x', false],
])('no_proxy "%s": whether %s goes straight is %s', (list, url, expected) => {
  expect(straight(url, list)).toBe(expected);
});

it('what is no URL of a proxy is said by the name of its variable', () => {
  for (const value of ['http://', 'ftp://proxy', 'http://a b'])
    expect(() => proxyFor('https://dl.k8s.io/x', { https_proxy: value })).toThrow(
      new NoProxyUrl('https_proxy', 'scheme'),
    );
});

test.each([
  'http://ada:8080/hunter2@proxy:3128',
  'http://ada:8080\\hunter2@proxy:3128',
  'http://ada:pa:ss/word@proxy:3128',
  'ada:x://y@proxy:3128',
  'http://ada:80?x@proxy:3128',
  'http://ada:80#x@proxy:3128',
  'http://proxy:3128/proxy.pac',
  'http://proxy:3128?x',
])('a proxy that goes on after its port is none, since that may be of a password: %s', (value) => {
  expect(() => proxyFor('https://dl.k8s.io/x', { https_proxy: value })).toThrow(new NoProxyUrl('https_proxy', 'path'));
  expect(proxyFor('https://dl.k8s.io/x', { https_proxy: 'http://proxy:3128/' })?.name).toBe('proxy:3128');
});

test.each(['http://ada:100%@proxy:1', 'http://ada:100%zz@proxy:1', 'http://ada:%FF@proxy:1', 'http://a%da:x@proxy:1'])(
  'a proxy whose login has a percent sign that begins no character is none: %s',
  (value) => {
    const env = { http_proxy: value };
    expect(() => proxyFor('http://dl.k8s.io/x', env)).toThrow(new NoProxyUrl('http_proxy', 'percent'));
  },
);

it('passwords are known as they are written and as they are meant', () => {
  const env = { https_proxy: 'http://ada:p%40ss@proxy:1', HTTP_PROXY: 'ada:other@proxy:1' };
  expect(proxyPasswords(env)).toEqual(['p%40ss', 'p@ss', 'other']);
  expect(proxyPasswords({ https_proxy: 'http://ada:se cret@prox y' })).toEqual(['se cret']);
  expect(proxyPasswords({ https_proxy: PROXY })).toEqual([]);
  expect(proxyPasswords({ http_proxy: 'ada:small@proxy', HTTP_PROXY: 'ada:large@proxy' })).toEqual(['small', 'large']);
});

test.each([
  ['http://ada:8080/hunter2@proxy:3128', '8080/hunter2'],
  ['http://ada:pa:ss/word@proxy:3128', 'pa:ss/word'],
  ['ada:x://y@proxy:3128', 'x://y'],
  ['HTTP://ada:p@ss@proxy:3128', 'p@ss'],
  ['http://ada:p%ss@proxy:3128', 'p%ss'],
])('a password is known however it is written: %s', (value, password) => {
  expect(proxyPasswords({ https_proxy: value })).toContain(password);
});
