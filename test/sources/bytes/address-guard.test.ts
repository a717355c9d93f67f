import { describe, expect, it } from 'vitest';
import { SceneError } from '../../../src/errors.ts';
import { addressGuard } from '../../../src/sources/bytes/address-guard.ts';

const strict = addressGuard({ allowPrivate: false });
const open = addressGuard({ allowPrivate: true });

function lookup(guard: typeof strict, host: string, all: boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    guard.lookup(host, { all }, (error, address) => (error ? reject(error) : resolve(address)));
  });
}

describe('addressGuard', () => {
  it.each(['https://example.org/a.tif?sig=x', 'https://8.8.8.8/a', 'https://[2606:4700::1111]/a'])(
    'lets %s pass',
    (href) => {
      expect(() => strict.check(new URL(href))).not.toThrow();
    },
  );

  it.each([
    'http://example.org/a',
    'ftp://example.org/a',
    'file:///etc/passwd',
    'https://user:secret@example.org/a',
    'https://127.0.0.1/a',
    'https://2130706433/a',
    'https://0x7f.1/a',
    'https://0.0.0.0/a',
    'https://10.1.2.3/a',
    'https://100.64.0.1/a',
    'https://169.254.169.254/latest/meta-data',
    'https://168.63.129.16/machine',
    'https://example.org:8443/a',
    'https://172.16.0.1/a',
    'https://192.0.0.1/a',
    'https://192.0.2.1/a',
    'https://192.168.1.1/a',
    'https://198.18.0.1/a',
    'https://198.51.100.1/a',
    'https://203.0.113.1/a',
    'https://224.0.0.1/a',
    'https://255.255.255.255/a',
    'https://[::]/a',
    'https://[::1]/a',
    'https://[fc00::1]/a',
    'https://[fe80::1]/a',
    'https://[ff02::1]/a',
    'https://[::ffff:127.0.0.1]/a',
    'https://[::127.0.0.1]/a',
    'https://[64:ff9b::7f00:1]/a',
    'https://[2002:7f00:1::]/a',
    'https://[2001:db8::1]/a',
  ])('refuses %s', (href) => {
    expect(() => strict.check(new URL(href))).toThrow(SceneError);
    expect(() => strict.check(new URL(href))).toThrow(expect.objectContaining({ code: 'source.refused' }));
  });

  it('lets the ports pass that are set', () => {
    const guard = addressGuard({ allowPrivate: false, ports: [8443] });
    expect(() => guard.check(new URL('https://example.org:8443/a'))).not.toThrow();
    expect(() => guard.check(new URL('https://example.org/a'))).toThrow('not a port');
  });

  it('lets hosts pass that are allowed, unless they are denied, however they are written', () => {
    const guard = addressGuard({ allowPrivate: true, allowHosts: ['a.org', '*.B.org'], denyHosts: ['x.b.org'] });
    for (const host of ['a.org', 'A.org', 'a.org.', 'y.b.org', 'z.y.b.org'])
      expect(() => guard.check(new URL(`https://${host}/a`))).not.toThrow();
    for (const host of ['b.org', 'xb.org', 'a.org.evil.net', 'evila.org', 'www.a.org', 'x.b.org', 'X.B.ORG.'])
      expect(() => guard.check(new URL(`https://${host}/a`))).toThrow(/denied|allowed/);
    const deny = addressGuard({ allowPrivate: true, denyHosts: ['::1', '*.org'] });
    for (const host of ['[::1]', 'a.org']) expect(() => deny.check(new URL(`https://${host}/a`))).toThrow('denied');
    expect(() => deny.check(new URL('https://a.net/a'))).not.toThrow();
  });

  it('opens a private origin that is named, and nothing beside it', async () => {
    const guard = addressGuard({ allowPrivate: false, privateOrigins: ['http://localhost:9000/'] });
    expect(() => guard.check(new URL('http://localhost:9000/a'))).not.toThrow();
    for (const href of [
      'http://localhost:9001/a',
      'https://localhost:9000/a',
      'https://localhost/a',
      'https://localhost./a',
      'http://127.0.0.1:9000/a',
    ])
      expect(() => guard.check(new URL(href))).toThrow(SceneError);
    await expect(lookup(guard, 'localhost', true)).resolves.toContainEqual(
      expect.objectContaining({ address: expect.any(String) }),
    );
  });

  it('refuses a name of which any address is private, and hands out the very addresses that it looked at', async () => {
    const answers = [['8.8.8.8', '10.0.0.1'], ['8.8.8.8'], ['10.0.0.1']].map((addresses) =>
      addresses.map((address) => ({ address, family: 4 })),
    );
    const guard = addressGuard({ allowPrivate: false }, (_, __, callback) => callback(null, answers.shift() ?? []));
    await expect(lookup(guard, 'two.example', true)).rejects.toMatchObject({ code: 'source.refused' });
    await expect(lookup(guard, 'two.example', false)).resolves.toBe('8.8.8.8');
    expect(answers).toHaveLength(1);
  });

  it('never tells credentials or signatures', () => {
    const check = () => strict.check(new URL('https://user:secret@example.org/a.tif?sig=secret#secret'));
    expect(check).toThrow(/^(?!.*secret)/);
  });

  it('refuses a name that resolves to a private address, for the connection that asks', async () => {
    for (const all of [true, false]) {
      await expect(lookup(strict, 'localhost', all)).rejects.toMatchObject({ code: 'source.refused' });
    }
  });

  it('lets http and private addresses pass where they are allowed, credentials never', async () => {
    expect(() => open.check(new URL('http://127.0.0.1:8080/a'))).not.toThrow();
    expect(() => open.check(new URL('http://user:secret@127.0.0.1/a'))).toThrow('credentials');
    expect(() => open.check(new URL('ftp://127.0.0.1/a'))).toThrow('not an http address');
    expect(['127.0.0.1', '::1']).toContain(await lookup(open, 'localhost', false));
    expect(await lookup(open, 'localhost', true)).toContainEqual(
      expect.objectContaining({ address: expect.any(String) }),
    );
  });
});
